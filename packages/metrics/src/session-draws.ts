import { RandomStream, type Seed } from '@gru4rec/random';

/**
 * Draws S of S sessions with replacement, repeatedly. A draw depends only on the seed, S and its number, so all
 * resampling with one seed shares its draws.
 *
 * The numbers are those of `nextBelow` on the stream `metrics.bootstrap`, whose words are filled at once.
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
