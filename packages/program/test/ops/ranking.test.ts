import { describe, expect, it } from 'vitest';
import { builder } from '../fixtures.ts';

describe('rank-counts', () => {
  it('refuses anything but one index per column', () => {
    const { b, f32, i32 } = builder();
    const expected = 'rank-counts: expected f32 [n, c] and i32 [c, 1] indices, got';
    expect(() => b.rankCounts(f32(7, 3), i32(7))).toThrow(`${expected} f32 [7, 3] and i32 [7, 1]`);
    expect(() => b.rankCounts(f32(7, 3), f32(3, 1))).toThrow(`${expected} f32 [7, 3] and f32 [3, 1]`);
  });
});

describe('top-indices', () => {
  it('refuses indices, and a k that is not a positive integer', () => {
    const { b, f32, i32 } = builder();
    const expected = 'top-indices: expected f32 [n, c] and, if any, i32 [c, 1] indices, got';
    expect(() => b.topIndices(i32(3), 1)).toThrow(`${expected} i32 [3, 1]`);
    expect(() => b.topIndices(f32(2, 3), 1, i32(2))).toThrow(`${expected} f32 [2, 3] and i32 [2, 1]`);
    for (const k of [0, 1.5, Number.NaN]) {
      expect(() => b.topIndices(f32(2, 3), k)).toThrow(
        new RangeError(`top-indices: "k" expected integer >= 1, got ${k}`),
      );
    }
  });
});
