/**
 * HalfSipHash-1-3 of the bytes `from` to `to` − 1 (Aumasson, Bernstein 2012, https://github.com/veorq/SipHash;
 * constants as in its `halfsiphash.c`). Without the key, nobody can choose ids that collide.
 * @param key - two words.
 * @returns a signed 32-bit integer.
 */
export function halfSipHash(bytes: Uint8Array, from: number, to: number, key: Int32Array): number {
  const words = (to - from) >> 2;
  let [v0, v1] = [key[0], key[1]];
  let [v2, v3] = [v0 ^ 0x6c796765, v1 ^ 0x74656462];
  // One round per whole word, one for the remaining bytes and the length, and three to finish.
  for (let round = 0; round < words + 4; round++) {
    const word =
      round > words ? 0 : round === words ? lastWord(bytes, from, to) : wordAt(bytes, from + 4 * round);
    if (round === words + 1) v2 ^= 0xff;
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = rotate(v1, 5) ^ v0;
    v0 = rotate(v0, 16);
    v2 = (v2 + v3) | 0;
    v3 = rotate(v3, 8) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = rotate(v3, 7) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = rotate(v1, 13) ^ v2;
    v2 = rotate(v2, 16);
    v0 ^= word;
  }
  return v1 ^ v3;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

/** The remaining 0 to 3 bytes, and the length modulo 256 in the top byte. */
function lastWord(bytes: Uint8Array, from: number, to: number): number {
  let word = (to - from) << 24;
  for (let at = from + ((to - from) & ~3), bits = 0; at < to; at++, bits += 8) word |= bytes[at] << bits;
  return word;
}
