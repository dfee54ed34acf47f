import { expect } from 'vitest';

/** Largest allowed difference: |actual − expected| ≤ absolute + relative · |expected|. */
export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

/** Tolerance for engines that compute in float32, for values of about 1. */
export const float32Tolerance: Tolerance = { absolute: 1e-5, relative: 1e-5 };

/**
 * Expects two arrays to have the same length and close values. A NaN is close to no value, not even to NaN.
 * The failure names the first bad index, both values, the bound there and the number of bad values.
 */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  options: Tolerance & { readonly name?: string },
): void {
  const problem = describeMismatch(actual, expected, options);
  expect(problem === undefined, problem).toBe(true);
}

function describeMismatch(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { absolute, relative, name = 'values' }: Tolerance & { readonly name?: string },
): string | undefined {
  if (actual.length !== expected.length) {
    return `${name}: expected ${expected.length} values, got ${actual.length}`;
  }
  const isBad = (value: number, i: number): boolean => {
    const wanted = expected[i] as number;
    return value !== wanted && !(Math.abs(value - wanted) <= absolute + relative * Math.abs(wanted));
  };
  const bad = Array.from(actual, (value, i) => (isBad(value, i) ? i : -1)).filter((i) => i >= 0);
  const [first] = bad;
  if (first === undefined) return undefined;
  const wanted = expected[first] as number;
  const bound = absolute + relative * Math.abs(wanted);
  return `${name}[${first}]: expected ${wanted} ± ${bound}, got ${actual[first]}; ${bad.length} of ${actual.length} values differ`;
}
