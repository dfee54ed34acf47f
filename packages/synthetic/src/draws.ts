import type { RandomStream } from '@gru4rec/random';

/**
 * Draws i from [start, end) with P(i) ∝ weight(i), by bisection of running sums.
 * @param sums - sums[i] = weight(0) + … + weight(i). Not changed.
 * @param start - the weights of the range must not all be 0.
 * @param uniform - in [0, 1).
 */
export function drawByWeight(sums: Float64Array, start: number, end: number, uniform: number): number {
  const below = start === 0 ? 0 : sums[start - 1];
  const wanted = below + uniform * (sums[end - 1] - below);
  let low = start;
  let high = end - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle] > wanted) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** For {@link drawByWeight}; a new array. */
export function runningSums(weights: Float64Array): Float64Array {
  let total = 0;
  return weights.map((weight) => {
    total += weight;
    return total;
  });
}

/** Item ids are in [`FIRST_ITEM_ID`, `FIRST_ITEM_ID` + `ITEM_PRIME`); the prime exceeds the largest number of items. */
export const FIRST_ITEM_ID = 100_000_000;
export const ITEM_PRIME = 536_870_909;

/** Unique ids that look arbitrary: first + (a · n + b) mod p for n < p, a prime below 2³⁰: p · a < 2⁵³ is exact in float64. */
export function scrambledIds(first: number, prime: number, stream: RandomStream): (n: number) => number {
  const factor = 2 ** 22 + stream.nextBelow(2 ** 22);
  const shift = stream.nextBelow(prime);
  return (n) => first + ((factor * n + shift) % prime);
}
