import { expect, it } from 'vitest';
import { bestOf, rankTrials } from '../src/trial.ts';
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

it.each([
  ['maximize', [0, 1, 2, 4, 3, 5, 7]],
  ['minimize', [1, 2, 0, 3, 4, 5, 7]],
] as const)(
  'rankTrials puts the best values first to %s, and trials pruned later before others',
  (direction, order) => {
    expect(rankTrials(trials, direction).map(({ number }) => number)).toEqual(order);
  },
);

it('bestOf returns the first of the best complete trials, undefined if there is none', () => {
  const found = [2, 5, 5, 1, 1].map((value, number) => complete(number, {}, value));
  expect(bestOf(found, 'maximize')).toBe(found[1]);
  expect(bestOf(found, 'minimize')).toBe(found[3]);
  expect(bestOf([pruned(0, {}, [1]), failed(1, {}), running(2, {})], 'maximize')).toBeUndefined();
});
