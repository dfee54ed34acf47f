import { philoxFill } from './philox.ts';

const BUFFER_WORDS = 64;
const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

/**
 * Counter words 2 and 3 of a named stream: the 64-bit FNV-1a hash of the name's UTF-8 bytes with its top bit set.
 *
 * The top bit keeps named streams apart from dropout, whose counters have word 3 = stream · 2¹⁶ + (high word of the step) with
 * stream < 2¹⁵. FNV-1a: Fowler, Noll, Vo, draft-eastlake-fnv.
 * @returns `[word2, word3]`, each an integer in [0, 2³²).
 */
export function streamWords(name: string): [word2: number, word3: number] {
  let hash = FNV_OFFSET;
  for (const byte of new TextEncoder().encode(name)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME);
  }
  return [Number(hash & 0xffffffffn), (Number(hash >> 32n) | 0x80000000) >>> 0];
}

/**
 * A named sequence of random 32-bit words that depends only on (seed, name, position).
 *
 * Word p is word p mod 4 of the Philox block whose key is the seed and whose counter holds ⌊p / 4⌋ in words 0
 * and 1 and `streamWords(name)` in words 2 and 3. The position is the only state.
 */
export class RandomStream {
  readonly #key0: number;
  readonly #key1: number;
  readonly #word2: number;
  readonly #word3: number;
  readonly #buffer: Uint32Array = new Uint32Array(BUFFER_WORDS);
  /** Position of the buffer's first word, a multiple of 4. */
  #bufferStart = 0;
  #cursor: number = BUFFER_WORDS;

  /** @param name - what the words are used for, such as `batcher.order`. @throws RangeError as {@link seedWords}. */
  constructor(seed: Seed, name: string) {
    [this.#key0, this.#key1] = seedWords(seed);
    [this.#word2, this.#word3] = streamWords(name);
    this.position = 0;
  }

  /** Words consumed so far. Restoring it from a checkpoint resumes the stream exactly. */
  get position(): number {
    return this.#bufferStart + this.#cursor;
  }

  /** @throws RangeError if the position is not an integer in [0, 2⁵³). */
  set position(position: number) {
    if (!Number.isSafeInteger(position) || position < 0) {
      throw new RangeError(`RandomStream: "position" expected integer in [0, 2^53), got ${position}.`);
    }
    this.#bufferStart = position - (position % 4);
    this.#cursor = position % 4;
    this.#fillBlocks(this.#bufferStart, this.#buffer);
  }

  /** @returns an integer in [0, 2³²); consumes one word. */
  nextUint32(): number {
    if (this.#cursor === BUFFER_WORDS) {
      this.#bufferStart += BUFFER_WORDS;
      this.#cursor = 0;
      this.#fillBlocks(this.#bufferStart, this.#buffer);
    }
    return this.#buffer[this.#cursor++];
  }

  /** @returns a multiple of 2⁻⁵³ in [0, 1): the high 27 bits of one word, then the high 26 of the next; consumes two. */
  nextFloat(): number {
    const high = this.nextUint32() >>> 5;
    const low = this.nextUint32() >>> 6;
    return (high * 2 ** 26 + low) * 2 ** -53;
  }

  /**
   * Draws an integer below `n` without bias: words at or above the largest multiple of `n` are rejected.
   * @param n - integer in [1, 2³²].
   * @returns an integer in [0, n); consumes fewer than two words on average.
   */
  nextBelow(n: number): number {
    const limit = 2 ** 32 - (2 ** 32 % n);
    let word = this.nextUint32();
    while (word >= limit) word = this.nextUint32();
    return word % n;
  }

  /**
   * Draws from the standard normal distribution with the cosine branch of Box and Muller (1958).
   *
   * The sine branch is discarded: a value kept for the next call would be state that the position does not capture.
   * @returns a float64 of magnitude below 8.6; consumes four words.
   */
  nextNormal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.nextFloat()));
    return radius * Math.cos(2 * Math.PI * this.nextFloat());
  }

  /**
   * Fills `out` with the words that `out.length` calls of `nextUint32` would return, several times faster.
   * @param out - [n], overwritten; consumes n words.
   */
  fillUint32(out: Uint32Array): void {
    const end = this.position + out.length;
    let done = 0;
    while (done < out.length && this.#cursor < BUFFER_WORDS) out[done++] = this.#buffer[this.#cursor++];
    if (done === out.length) return;
    // The buffer ends at a block boundary, so the remaining words start at one.
    this.#fillBlocks(this.#bufferStart + BUFFER_WORDS, out.subarray(done));
    this.position = end;
  }

  #fillBlocks(position: number, out: Uint32Array): void {
    const block = position / 4;
    philoxFill(
      this.#key0,
      this.#key1,
      block >>> 0,
      Math.floor(block / 2 ** 32),
      this.#word2,
      this.#word3,
      out,
    );
  }
}

/** An unsigned integer below 2⁶⁴. A number must be a safe integer; pass larger seeds as a bigint. */
export type Seed = number | bigint;

/**
 * Splits a seed into the two words of a Philox key.
 * @returns `[low, high]`, each an integer in [0, 2³²).
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
  if (seed < 0n || seed >= 2n ** 64n) {
    throw new RangeError(`seedWords: "seed" expected bigint in [0, 2^64), got ${seed}.`);
  }
  return [Number(seed & 0xffffffffn), Number(seed >> 32n)];
}

/** Permutes an array in place, every permutation equally likely (Fisher–Yates; Durstenfeld 1964, Algorithm 235). */
export function shuffleInPlace(indices: Int32Array, stream: RandomStream): void {
  for (let last = indices.length - 1; last > 0; last--) {
    const other = stream.nextBelow(last + 1);
    const swapped = indices[last];
    indices[last] = indices[other];
    indices[other] = swapped;
  }
}
