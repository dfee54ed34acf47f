import { describe, expect, it } from 'vitest';
import { logSupport } from '../src/log-support.ts';

describe('logSupport', () => {
  it('is the natural logarithm, rounded to float32, and 0 for support 0', () => {
    const expected = Float32Array.of(0, 0, Math.log(2), Math.log(1000));
    expect(logSupport([1, 0, 2, 1000])).toEqual(expected);
  });

  it('writes into a float64 array without rounding', () => {
    const out = new Float64Array(2);
    expect(logSupport(Int32Array.of(3, 0), out)).toBe(out);
    expect(out).toEqual(Float64Array.of(Math.log(3), 0));
  });

  it('rejects an array of another length', () => {
    expect(() => logSupport([1, 2], new Float64Array(3))).toThrow(
      new RangeError('logSupport: "out" expected 2 entries, got 3.'),
    );
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('rejects the support %s', (count) => {
    expect(() => logSupport([1, count])).toThrow(
      new RangeError(`logSupport: "support" expected finite number >= 0 at index 1, got ${count}.`),
    );
  });
});
