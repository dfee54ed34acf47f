import { sliceSessions } from '@gru4rec/batcher';
import type { SessionChunk } from './table.ts';

/**
 * Merges two streams of sessions, each in order of their starts, into one in that order. Of equal starts, the sessions of
 * the first stream come first.
 */
export async function* inOrder(
  first: AsyncGenerator<SessionChunk>,
  second: AsyncGenerator<SessionChunk>,
): AsyncGenerator<SessionChunk> {
  const [a, b] = [new Stream(first), new Stream(second)];
  try {
    await a.fill();
    await b.fill();
    while (a.chunk && b.chunk) {
      // All sessions of one stream that precede the next one of the other.
      const next =
        b.start < a.start ? b.take((start) => start < a.start) : a.take((start) => start <= b.start);
      yield next;
      await a.fill();
      await b.fill();
    }
    for (const rest of [a, b]) {
      while (rest.chunk) {
        yield rest.take(() => true);
        await rest.fill();
      }
    }
  } finally {
    // Closes the files if the caller stops reading.
    await first.return(undefined);
    await second.return(undefined);
  }
}

/** A stream of sessions with a current position. */
class Stream {
  readonly #chunks: AsyncGenerator<SessionChunk>;
  /** Undefined at the end. */
  chunk: SessionChunk | undefined;
  #at = 0;

  constructor(chunks: AsyncGenerator<SessionChunk>) {
    this.#chunks = chunks;
  }

  /** Start time of the next session. */
  get start(): bigint {
    return this.#startOf(this.#at);
  }

  /** Reads until there is a next session or the stream has ended. */
  async fill(): Promise<void> {
    while (!this.chunk || this.#at === this.chunk.sessionIds.length) {
      const { value, done } = await this.#chunks.next();
      this.chunk = done ? undefined : value;
      this.#at = 0;
      if (done) return;
    }
  }

  /** Takes the next sessions of the chunk while their starts pass; at least one. */
  take(passes: (start: bigint) => boolean): SessionChunk {
    const chunk = this.chunk as SessionChunk;
    const { sessionIds } = chunk;
    const from = this.#at++;
    while (this.#at < sessionIds.length && passes(this.#startOf(this.#at))) this.#at++;
    return { sessionIds: sessionIds.slice(from, this.#at), ...sliceSessions(chunk, from, this.#at) };
  }

  #startOf(session: number): bigint {
    return this.chunk?.times[this.chunk.sessionOffsets[session] ?? 0] ?? 0n;
  }
}
