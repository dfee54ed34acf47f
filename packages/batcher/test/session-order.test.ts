import { describe, expect, it } from 'vitest';
import { sessionsWithPairs, shuffleForEpoch, sortByStartTime } from '../src/session-order.ts';

describe('sessionsWithPairs', () => {
  it('leaves out sessions of no or one event', () => {
    expect(sessionsWithPairs(Int32Array.of(0, 2, 3, 3, 6))).toEqual(Int32Array.of(0, 3));
  });

  it('finds none in no sessions', () => {
    expect(sessionsWithPairs(Int32Array.of(0))).toEqual(new Int32Array(0));
  });
});

describe('sortByStartTime', () => {
  it('sorts by time, equal times as stored', () => {
    const sessions = Int32Array.of(0, 1, 3, 4);
    sortByStartTime(sessions, [20, 10, -1, 20, 10]);
    expect(sessions).toEqual(Int32Array.of(1, 4, 0, 3));
  });

  it('compares bigints beyond the precision of numbers', () => {
    const sessions = Int32Array.of(0, 1);
    sortByStartTime(sessions, BigInt64Array.of(2n ** 60n + 1n, 2n ** 60n));
    expect(sessions).toEqual(Int32Array.of(1, 0));
  });
});

describe('shuffleForEpoch', () => {
  const sessions = Int32Array.from({ length: 50 }, (_, index) => 2 * index);
  const shuffled = (seed: number, epoch: number): Int32Array => {
    const out = new Int32Array(50);
    shuffleForEpoch(sessions, seed, epoch, out);
    return out;
  };

  it('permutes the sessions and leaves its input alone', () => {
    expect(shuffled(1, 0).sort()).toEqual(sessions);
    expect(sessions[1]).toBe(2);
  });

  it('depends on seed and epoch alone', () => {
    expect(shuffled(1, 3)).toEqual(shuffled(1, 3));
    expect(shuffled(1, 3)).not.toEqual(shuffled(1, 4));
    expect(shuffled(1, 3)).not.toEqual(shuffled(2, 3));
  });
});
