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
