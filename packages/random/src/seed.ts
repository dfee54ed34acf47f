/** An unsigned integer below 2⁶⁴. A number must be a safe integer; pass larger seeds as a bigint. */
export type Seed = number | bigint;

/**
 * Splits a seed into the two words of a Philox key.
 *
 * @returns `[low, high]`, each an integer in [0, 2³²).
 * @throws TypeError if `seed` is neither a number nor a bigint.
 * @throws RangeError if `seed` is not an integer in [0, 2⁶⁴), or is a number above 2⁵³ − 1.
 * @example seedWords(2n ** 32n + 5n) // [5, 1]
 */
export function seedWords(seed: Seed): [low: number, high: number] {
  if (typeof seed === 'number') {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new RangeError(
        `seedWords: "seed" expected integer in [0, 2^53), got ${seed}. Pass larger seeds as a bigint.`,
      );
    }
    return [seed >>> 0, Math.floor(seed / 2 ** 32)];
  }
  if (typeof seed !== 'bigint') {
    throw new TypeError(`seedWords: "seed" expected number or bigint, got ${typeof seed}.`);
  }
  if (seed < 0n || seed >= 2n ** 64n) {
    throw new RangeError(`seedWords: "seed" expected bigint in [0, 2^64), got ${seed}.`);
  }
  return [Number(seed & 0xffffffffn), Number(seed >> 32n)];
}
