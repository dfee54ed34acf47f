import { RandomStream, type Seed } from '@gru4rec/random';

/**
 * Draws S of S sessions with replacement, again and again: a function of the seed, S and the number of the draw alone,
 * so whatever is resampled with one seed shares its draws.
 *
 * The numbers are those that `nextBelow` would give, from the stream `metrics.bootstrap`, their words filled at once.
 */
export class SessionDraws {
  readonly #stream: RandomStream;
  readonly #words: Uint32Array;
  readonly #drawn: Int32Array;

  /** @param sessions - S, ≥ 1. */
  constructor(seed: Seed, sessions: number) {
    this.#stream = new RandomStream(seed, 'metrics.bootstrap');
    this.#words = new Uint32Array(sessions);
    this.#drawn = new Int32Array(sessions);
  }

  /** @returns [S] numbers of sessions; reused until the next call. */
  next(): Int32Array {
    const sessions = this.#drawn.length >>> 0;
    const limit = 2 ** 32 - (2 ** 32 % sessions);
    let done = 0;
    while (done < sessions) {
      const words = this.#words.subarray(done);
      this.#stream.fillUint32(words);
      for (let index = 0; index < words.length; index++) {
        if (words[index] < limit) this.#drawn[done++] = words[index] % sessions;
      }
    }
    return this.#drawn;
  }
}
