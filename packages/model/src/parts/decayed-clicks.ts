/** Counts are scaled back before the weight of a click overflows. */
const MOST_HALVINGS = 500;

/** Clicks per item whose weight halves in a half-life, in any order of time. */
export class DecayedClicks {
  readonly halfLifeMs: number;
  /** [I] a click at the origin weighs 1, a later one more. */
  clicks: Float64Array;
  #originMs: number;

  /** @param clicks - [I] decayed to the origin; kept. @param originMs - the time of the first click, if it is −Infinity. */
  constructor(halfLifeMs: number, clicks: Float64Array, originMs: number = Number.NEGATIVE_INFINITY) {
    this.halfLifeMs = halfLifeMs;
    this.clicks = clicks;
    this.#originMs = originMs;
  }

  /** Counts a click. */
  observe(item: number, timeMs: number): void {
    if (this.#originMs === Number.NEGATIVE_INFINITY) this.#originMs = timeMs;
    if ((timeMs - this.#originMs) / this.halfLifeMs > MOST_HALVINGS) {
      const share = this.shareAt(timeMs);
      for (const [at, clicks] of this.clicks.entries()) this.clicks[at] = clicks * share;
      this.#originMs = timeMs;
    }
    this.clicks[item] = (this.clicks[item] ?? 0) + 2 ** ((timeMs - this.#originMs) / this.halfLifeMs);
  }

  /** What `clicks` are multiplied by to be those of a moment. */
  shareAt(timeMs: number): number {
    return 2 ** ((this.#originMs - timeMs) / this.halfLifeMs);
  }

  /** [I] (fresh) the clicks of a moment. */
  at(timeMs: number): Float32Array {
    const share = this.shareAt(timeMs);
    return Float32Array.from(this.clicks, (clicks) => clicks * share);
  }
}
