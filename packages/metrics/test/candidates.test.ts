import { describe, expect, it } from 'vitest';
import { Candidates } from '../src/candidates.ts';

describe('Candidates', () => {
  const candidates = new Candidates(Int32Array.of(5, 1, 5, 3), 6);

  it('gives each candidate a column, in order of item index', () => {
    expect([...candidates.items]).toEqual([1, 3, 5]);
    expect([0, 1, 2, 3, 4, 5].map((item) => candidates.columnOf(item))).toEqual([-1, 0, -1, 1, -1, 2]);
    expect([0, 1].map((item) => candidates.has(item))).toEqual([false, true]);
  });

  it('selects the scores of candidates', () => {
    expect(candidates.pick(Float32Array.of(0, 10, 20, 30, 40, 50))).toEqual(Float64Array.of(10, 30, 50));
  });

  it('refuses a NaN score and names its item', () => {
    expect(() => candidates.pick(Float64Array.of(0, 1, 2, Number.NaN, 4, 5))).toThrow(
      new RangeError('rankOf: "scores" expected numbers, got NaN at item index 3.'),
    );
  });
});
