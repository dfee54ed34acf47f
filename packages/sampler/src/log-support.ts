/**
 * Natural logarithm of each item's support: log q of the logQ correction, in which q is an item's support in a
 * target column and support^α, so α times this, in a sample column. Neither is normalised.
 *
 * An item of support 0 gets log 1 = 0: training never meets it as a target, and −∞ would spoil what meets it.
 *
 * @param support - [I], number of training events per item, ≥ 0. Read only.
 * @returns fresh.
 * @throws RangeError if a support is negative or not finite.
 * @example logSupport([1, 0, 2]) // [0, 0, 0.6931…]
 */
export function logSupport(support: ArrayLike<number>): Float32Array;
/**
 * Writes the natural logarithm of each item's support into an array: float64 where float32 is not exact enough, as for
 * the reference engine.
 *
 * @param support - [I], number of training events per item, ≥ 0. Read only.
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
