import { describe, expect, it } from 'vitest';
import { bestOf, inOrder, rankTrials } from '../src/trial.ts';
import { complete, failed, pruned, running } from './trials.ts';

const trials = [
  pruned(5, {}, [0.9]),
  pruned(4, {}, [0.1, 0.3]),
  pruned(3, {}, [0.1, 0.2]),
  pruned(7, {}, []),
  failed(6, {}),
  complete(2, {}, 0.5),
  complete(1, {}, 0.5),
  complete(0, {}, 0.7),
  running(8, {}),
];
const numbers = (list: readonly { number: number }[]) => list.map(({ number }) => number);

describe('rankTrials', () => {
  it('puts large values first to maximize, and trials pruned later before those pruned earlier', () => {
    expect(numbers(rankTrials(trials, 'maximize'))).toEqual([0, 1, 2, 4, 3, 5, 7]);
  });

  it('puts small values first to minimize', () => {
    expect(numbers(rankTrials(trials, 'minimize'))).toEqual([1, 2, 0, 3, 4, 5, 7]);
  });
});

describe('inOrder', () => {
  it('sorts a copy by number', () => {
    const list = [running(2, {}), running(0, {})];
    expect(numbers(inOrder(list))).toEqual([0, 2]);
    expect(numbers(list)).toEqual([2, 0]);
  });
});

describe('bestOf', () => {
  it('returns the first of the best complete trials', () => {
    const found = [2, 5, 5, 1, 1].map((value, number) => complete(number, {}, value));
    expect(bestOf(found, 'maximize')).toBe(found[1]);
    expect(bestOf(found, 'minimize')).toBe(found[3]);
  });

  it('returns undefined if no trial is complete', () => {
    expect(bestOf([pruned(0, {}, [1]), failed(1, {}), running(2, {})], 'maximize')).toBeUndefined();
  });
});
