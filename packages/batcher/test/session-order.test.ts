import { describe, expect, it } from 'vitest';
import {
  type Shuffle,
  sessionsWithPairs,
  shuffleForEpoch,
  sortByStartTime,
  windowsOf,
} from '../src/session-order.ts';

describe('sessionsWithPairs', () => {
  it('skips sessions with fewer than two events', () => {
    expect(sessionsWithPairs(Int32Array.of(0, 2, 3, 3, 6))).toEqual(Int32Array.of(0, 3));
  });

  it('finds nothing in an empty dataset', () => {
    expect(sessionsWithPairs(Int32Array.of(0))).toEqual(new Int32Array(0));
  });
});

describe('sortByStartTime', () => {
  it('sorts by time, equal times in stored order', () => {
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

describe('windowsOf', () => {
  const blocksOf = (blocks: number, shuffle?: Shuffle) => windowsOf(blocks, shuffle).map((w) => [...w]);

  it('keeps the stored order without a shuffle', () => {
    expect(blocksOf(3)).toEqual([[0], [1], [2]]);
    expect(blocksOf(0)).toEqual([]);
  });

  it('keeps the stored order of blocks that fit into one window', () => {
    expect(blocksOf(16, { seed: 1, epoch: 2 })).toEqual([Array.from({ length: 16 }, (_, block) => block)]);
  });

  it('shuffles more blocks by seed and epoch, in windows of 16', () => {
    const windows = blocksOf(40, { seed: 1, epoch: 2 });
    expect(windows.map(({ length }) => length)).toEqual([16, 16, 8]);
    expect(windows.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, block) => block));
    expect(windows.flat()).not.toEqual(blocksOf(40).flat());
    expect(blocksOf(40, { seed: 1, epoch: 2 })).toEqual(windows);
    expect(blocksOf(40, { seed: 1, epoch: 3 })).not.toEqual(windows);
    expect(blocksOf(40, { seed: 2, epoch: 2 })).not.toEqual(windows);
  });
});

describe('shuffleForEpoch', () => {
  const sessions = Int32Array.from({ length: 50 }, (_, index) => 2 * index);
  const shuffled = (seed: number, epoch: number, starts = Int32Array.of(0, 50)): Int32Array => {
    const out = new Int32Array(50);
    shuffleForEpoch(sessions, starts, { seed, epoch }, out);
    return out;
  };

  it('permutes the sessions and does not change its input', () => {
    expect(shuffled(1, 0).sort()).toEqual(sessions);
    expect(sessions[1]).toBe(2);
  });

  it('depends only on seed and epoch', () => {
    expect(shuffled(1, 3)).toEqual(shuffled(1, 3));
    expect(shuffled(1, 3)).not.toEqual(shuffled(1, 4));
    expect(shuffled(1, 3)).not.toEqual(shuffled(2, 3));
  });

  it('shuffles a window of blocks as if they were one', () => {
    expect(shuffled(1, 3, Int32Array.of(0, 5, 5, 50))).toEqual(shuffled(1, 3));
  });

  it('shuffles more blocks, and sessions within a window of them', () => {
    const starts = Int32Array.from({ length: 26 }, (_, block) => 2 * block);
    const windows = windowsOf(25, { seed: 1, epoch: 3 });
    const order = shuffled(1, 3, starts);
    const blocks = Array.from(order, (session) => session >> 2);
    expect(new Set(blocks.slice(0, 32))).toEqual(new Set(windows[0]));
    expect(new Set(blocks.slice(32))).toEqual(new Set(windows[1]));
    expect(order.slice().sort()).toEqual(sessions);
    expect(blocks.slice(0, 32).filter((block, at) => block !== windows[0][at >> 1]).length).toBeGreaterThan(
      20,
    );
  });
});
