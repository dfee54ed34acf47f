import { philoxFill } from './philox.ts';
import { type Seed, seedWords } from './seed.ts';

const BUFFER_WORDS = 64;
const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

/**
 * Counter words 2 and 3 of a named stream: the 64-bit FNV-1a hash of the name's UTF-8 bytes, top bit set.
 *
 * The bit keeps named streams apart from dropout, whose counters have word 3 = stream · 2¹⁶ + (step's high
 * word) with stream < 2¹⁵. FNV-1a: Fowler, Noll, Vo, draft-eastlake-fnv.
 *
 * @returns [word 2, word 3], each an integer in [0, 2³²).
 * @throws TypeError if `name` is no string.
 * @throws RangeError if `name` is empty.
 */
export function streamWords(name: string): [word2: number, word3: number] {
  if (typeof name !== 'string') {
    throw new TypeError(`streamWords: "name" expected string, got ${typeof name}.`);
  }
  if (name === '') throw new RangeError('streamWords: "name" expected non-empty string, got "".');
  let hash = FNV_OFFSET;
  for (const byte of new TextEncoder().encode(name)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME);
  }
  return [Number(hash & 0xffffffffn), (Number(hash >> 32n) | 0x80000000) >>> 0];
}

/**
 * A named sequence of random words, a function of (seed, name, position) alone.
 *
 * Word p is word p mod 4 of the Philox block whose key is the seed and whose counter is ⌊p / 4⌋ in words 0
 * and 1 and `streamWords(name)` in words 2 and 3. There is no state but the position.
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

  /**
   * @param seed - see {@link Seed}; streams of different names are independent under one seed.
   * @param name - what the words are for, such as `batcher.order`.
   * @throws TypeError, RangeError as {@link seedWords} and {@link streamWords} do.
   */
  constructor(seed: Seed, name: string) {
    [this.#key0, this.#key1] = seedWords(seed);
    [this.#word2, this.#word3] = streamWords(name);
    this.position = 0;
  }

  /** Words consumed since the stream's start; kept in a checkpoint, it resumes the stream exactly. */
  get position(): number {
    return this.#bufferStart + this.#cursor;
  }

  /** @throws RangeError if the position is no integer in [0, 2⁵³). */
  set position(position: number) {
    if (!Number.isSafeInteger(position) || position < 0) {
      throw new RangeError(`RandomStream: "position" expected integer in [0, 2^53), got ${position}.`);
    }
    this.#bufferStart = position - (position % 4);
    this.#cursor = position % 4;
    this.#fillBlocks(this.#bufferStart, this.#buffer);
  }

  /** @returns integer in [0, 2³²); consumes one word. */
  nextUint32(): number {
    if (this.#cursor === BUFFER_WORDS) {
      this.#bufferStart += BUFFER_WORDS;
      this.#cursor = 0;
      this.#fillBlocks(this.#bufferStart, this.#buffer);
    }
    return this.#buffer[this.#cursor++];
  }

  /** @returns multiple of 2⁻⁵³ in [0, 1): 27 high bits of one word, then 26 of the next; consumes two. */
  nextFloat(): number {
    const high = this.nextUint32() >>> 5;
    const low = this.nextUint32() >>> 6;
    return (high * 2 ** 26 + low) * 2 ** -53;
  }

  /**
   * Draws an integer below `n` without bias: words at or above the greatest multiple of `n` are rejected.
   *
   * @param n - integer in [1, 2³²].
   * @returns integer in [0, n); consumes one word and less than one more on average.
   * @throws RangeError if `n` is outside that range.
   */
  nextBelow(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32) {
      throw new RangeError(`nextBelow: "n" expected integer in [1, 2^32], got ${n}.`);
    }
    const limit = 2 ** 32 - (2 ** 32 % n);
    let word = this.nextUint32();
    while (word >= limit) word = this.nextUint32();
    return word % n;
  }

  /**
   * Draws from the standard normal distribution (Box, Muller 1958), the cosine branch alone.
   *
   * The sine branch is thrown away: a kept half would be state that the position does not tell.
   *
   * @returns float64 of magnitude below 8.6; consumes four words.
   */
  nextNormal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.nextFloat()));
    return radius * Math.cos(2 * Math.PI * this.nextFloat());
  }

  /**
   * Fills `out` with the words that as many calls of `nextUint32` would return, several times faster.
   *
   * @param out - overwritten; consumes `out.length` words.
   */
  fillUint32(out: Uint32Array): void {
    const end = this.position + out.length;
    let done = 0;
    while (done < out.length && this.#cursor < BUFFER_WORDS) out[done++] = this.#buffer[this.#cursor++];
    if (done === out.length) return;
    // The buffer ends at a whole block, so the rest starts with one.
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
