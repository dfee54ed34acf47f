/**
 * Philox 4x32-10, a counter-based generator: maps a 64-bit key and a 128-bit counter to four 32-bit words.
 *
 * Salmon, Moraes, Dror, Shaw 2011, "Parallel Random Numbers: As Easy as 1, 2, 3", section 3.3. The constants
 * are those of the Random123 library, so the words equal those of cuRAND's and TensorFlow's Philox.
 */
const MULTIPLIER_0 = 0xd2511f53 | 0;
const MULTIPLIER_1 = 0xcd9e8d57 | 0;
const WEYL_0 = 0x9e3779b9 | 0;
const WEYL_1 = 0xbb67ae85 | 0;
const ROUNDS = 10;

/** High 32 bits of the unsigned product a · b, computed from 16-bit halves so that no partial sum exceeds 2³² − 1. */
function multiplyHigh(aHigh: number, aLow: number, b: number): number {
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const middle = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) | 0;
  const carry = (Math.imul(aLow, bHigh) + (middle & 0xffff)) | 0;
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (carry >>> 16)) | 0;
}

/**
 * Writes one Philox 4x32-10 block, four words.
 *
 * Arguments are reduced modulo 2³², so the signed and the unsigned form of a word give the same block. Calls are fastest with
 * int32 arguments (`x | 0`), because V8 boxes numbers of 2³¹ and above.
 * @param key0 - low word of the key; `key1` is the high word.
 * @param c0 - word 0 of the counter, the lowest; `c1`, `c2`, `c3` follow.
 * @param out - words `offset` to `offset + 3` are overwritten; those past the end are dropped.
 */
export function philox4x32(
  key0: number,
  key1: number,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  out: Uint32Array,
  offset: number,
): void {
  let k0 = key0 | 0;
  let k1 = key1 | 0;
  let x0 = c0 | 0;
  let x1 = c1 | 0;
  let x2 = c2 | 0;
  let x3 = c3 | 0;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(0xd251, 0x1f53, x0);
    const high1 = multiplyHigh(0xcd9e, 0x8d57, x2);
    const low0 = Math.imul(MULTIPLIER_0, x0);
    x0 = high1 ^ x1 ^ k0;
    x1 = Math.imul(MULTIPLIER_1, x2);
    x2 = high0 ^ x3 ^ k1;
    x3 = low0;
    k0 = (k0 + WEYL_0) | 0;
    k1 = (k1 + WEYL_1) | 0;
  }
  out[offset] = x0;
  out[offset + 1] = x1;
  out[offset + 2] = x2;
  out[offset + 3] = x3;
}

/**
 * Fills `out` with the words of successive blocks, starting at the given counter.
 *
 * Words 0 and 1 of the counter advance together as one 64-bit number; words 2 and 3 stay the same. If `out.length` is not a
 * multiple of 4, the remaining words of the last block are discarded.
 * @param c0 - of the first block, as all words are those of `philox4x32`.
 */
export function philoxFill(
  key0: number,
  key1: number,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  out: Uint32Array,
): void {
  const k0 = key0 | 0;
  const k1 = key1 | 0;
  const upper0 = c2 | 0;
  const upper1 = c3 | 0;
  let low = c0 | 0;
  let high = c1 | 0;
  const wholeEnd = out.length - (out.length % 4);
  for (let offset = 0; offset < wholeEnd; offset += 4) {
    philox4x32(k0, k1, low, high, upper0, upper1, out, offset);
    low = (low + 1) | 0;
    if (low === 0) high = (high + 1) | 0;
  }
  if (wholeEnd === out.length) return;
  const lastBlock = new Uint32Array(4);
  philox4x32(k0, k1, low, high, upper0, upper1, lastBlock, 0);
  out.set(lastBlock.subarray(0, out.length - wholeEnd), wholeEnd);
}
