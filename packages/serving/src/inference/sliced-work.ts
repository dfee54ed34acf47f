/** Pieces of work per turn of the event loop. A piece is an answer, which takes about 50 µs with its JSON and its write. */
const PIECES = 8;

/**
 * Does work in order, a few pieces per turn of the event loop, so that sockets and timers do not wait for a whole batch.
 */
export class SlicedWork {
  readonly #waiting: (() => void)[] = [];
  #immediate: NodeJS.Immediate | undefined;

  /** Adds pieces behind those that wait. If none wait, the first pieces are done before the call returns. */
  add(pieces: readonly (() => void)[]): void {
    this.#waiting.push(...pieces);
    if (!this.#immediate) this.#slice();
  }

  #slice(): void {
    for (const piece of this.#waiting.splice(0, PIECES)) piece();
    this.#immediate = this.#waiting.length > 0 ? setImmediate(() => this.#slice()) : undefined;
  }
}
