import { describe, expect, it } from 'vitest';
import { Candidates } from '../src/candidates.ts';

describe('Candidates', () => {
  const candidates = new Candidates(Int32Array.of(5, 1, 5, 3), 6);

  it('gives each candidate a column, by ascending item index', () => {
    expect([...candidates.items]).toEqual([1, 3, 5]);
    expect([0, 1, 2, 3, 4, 5].map((item) => candidates.columnOf(item))).toEqual([-1, 0, -1, 1, -1, 2]);
    expect([0, 1].map((item) => candidates.has(item))).toEqual([false, true]);
  });

  it('picks their scores', () => {
    expect(candidates.pick(Float32Array.of(0, 10, 20, 30, 40, 50))).toEqual(Float64Array.of(10, 30, 50));
  });

  it('refuses a NaN among them by its item', () => {
    expect(() => candidates.pick(Float64Array.of(0, 1, 2, Number.NaN, 4, 5))).toThrow(
      new RangeError('rankOf: "scores" expected numbers, got NaN at item index 3.'),
    );
  });
});
