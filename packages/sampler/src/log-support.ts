/**
 * Natural logarithm of each item's support, for the logQ correction. There, log q is this value in a target column, and
 * α times this value in a sample column, where q = support^α. Neither q is normalised.
 *
 * The result for support 0 is 0 instead of −∞, which would make scores infinite. No training target has support 0.
 *
 * @param support - [I], number of training events per item, ≥ 0. Not changed.
 * @returns [I], a new array.
 * @throws RangeError if a support is negative or not finite.
 * @example logSupport([1, 0, 2]) // [0, 0, 0.6931…]
 */
export function logSupport(support: ArrayLike<number>): Float32Array;
/**
 * Writes the natural logarithm of each item's support into an array, which may be float64 for the reference engine.
 *
 * @param support - [I], number of training events per item, ≥ 0. Not changed.
 * @param out - [I], overwritten.
 * @returns `out`.
 * @throws RangeError if a support is negative or not finite, or `out` has another length.
 */
export function logSupport<Out extends Float32Array | Float64Array>(
  support: ArrayLike<number>,
  out: Out,
): Out;
export function logSupport(
  support: ArrayLike<number>,
  out: Float32Array | Float64Array = new Float32Array(support.length),
): Float32Array | Float64Array {
  if (out.length !== support.length) {
    throw new RangeError(`logSupport: "out" expected ${support.length} entries, got ${out.length}.`);
  }
  for (let item = 0; item < out.length; item++) {
    const count = support[item];
    if (!(count >= 0 && count < Number.POSITIVE_INFINITY)) {
      throw new RangeError(
        `logSupport: "support" expected finite number >= 0 at index ${item}, got ${count}.`,
      );
    }
    out[item] = count === 0 ? 0 : Math.log(count);
  }
  return out;
}
