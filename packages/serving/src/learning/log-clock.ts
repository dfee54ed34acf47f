/** Clicks whose times are looked at. */
const WINDOW = 33;
const DAY_MS = 86_400_000;

/** What a clock goes on from. */
export interface ClockState {
  readonly nowMs: number;
  readonly recent: readonly number[];
}

/**
 * The time of a log, which never goes back. A client may send a time of yesterday or tomorrow: the time is the median of the
 * latest clicks' times, each within the day that it arrived on.
 */
export class LogClock {
  #nowMs: number;
  readonly #recent: number[];

  constructor({ nowMs, recent }: ClockState = { nowMs: Number.NEGATIVE_INFINITY, recent: [] }) {
    this.#nowMs = nowMs;
    this.#recent = [...recent];
  }

  get state(): ClockState {
    return { nowMs: this.#nowMs, recent: [...this.#recent] };
  }

  /**
   * @param timeMs - of the next click, as the client said.
   * @param day - on which it arrived, as `2026-05-01`.
   */
  read(timeMs: number, day: string): number {
    const start = Date.parse(day);
    this.#recent.push(Math.min(Math.max(timeMs, start), start + DAY_MS - 1));
    if (this.#recent.length > WINDOW) this.#recent.shift();
    const sorted = this.#recent.toSorted((a, b) => a - b);
    this.#nowMs = Math.max(this.#nowMs, sorted[(sorted.length - 1) >> 1]);
    return this.#nowMs;
  }
}
