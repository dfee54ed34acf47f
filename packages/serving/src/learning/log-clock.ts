import { DAY_MS } from '../event-log/day-file.ts';

const WINDOW = 33;

export interface ClockState {
  readonly nowMs: number;
  readonly recent: number[];
  /** What the time of the log is ahead of the clicks' times since a clock was ahead. */
  readonly aheadMs: number;
}

/**
 * A log's time: the median of the latest clicks' times, each within its day of arrival, because clients may send
 * any. If it goes back by more than a day, because the server's clock was ahead, it goes on from where it was.
 */
export class LogClock {
  #nowMs: number;
  #aheadMs: number;
  readonly #recent: number[];

  constructor(from: ClockState = { nowMs: Number.NEGATIVE_INFINITY, recent: [], aheadMs: 0 }) {
    const { nowMs, recent, aheadMs } = from;
    this.#nowMs = nowMs;
    this.#aheadMs = aheadMs;
    this.#recent = [...recent];
  }

  get state(): ClockState {
    return { nowMs: this.#nowMs, recent: [...this.#recent], aheadMs: this.#aheadMs };
  }

  read(timeMs: number, day: string): number {
    const start = Date.parse(day);
    this.#recent.push(Math.min(Math.max(timeMs, start), start + DAY_MS - 1));
    if (this.#recent.length > WINDOW) this.#recent.shift();
    const sorted = this.#recent.toSorted((a, b) => a - b);
    const median = sorted[(sorted.length - 1) >> 1];
    if (median + this.#aheadMs < this.#nowMs - DAY_MS) this.#aheadMs = this.#nowMs - median;
    this.#nowMs = Math.max(this.#nowMs, median + this.#aheadMs);
    return this.#nowMs;
  }
}
