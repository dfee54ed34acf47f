/** How much one visitor, or everybody together, can teach a learner. A click beyond a limit is as if it had not happened. */
export interface ClickLimits {
  /** The most pairs that are learnt of one session. */
  readonly sessionPairs: number;
  /** The most times that one session teaches one item as the next click. */
  readonly sessionItem: number;
  /**
   * The most that one item has of the clicks of a minute, from 0 to 1: this share, or twice its share of the latest days if
   * that is more, and at least 20 clicks.
   */
  readonly itemShare: number;
  /** The most items that are learnt beside those of the model. */
  readonly newItems: number;
}

const MINUTE_MS = 60_000;
/** Below, a share is no evidence. */
const LEAST_CLICKS = 20;

/** What the share of an item is judged by; see `LearnerState`. */
export interface MinuteCounts {
  readonly startMs: number;
  readonly clicks: number;
  /** Clicks of the minute before. */
  readonly before: number;
  /** Clicks of this minute by item index. */
  readonly byItem: ReadonlyMap<number, number>;
}

/** Counts the clicks of a minute, and says which item had too many of them. */
export class MinuteShares {
  readonly #share: number;
  #startMs: number;
  #clicks: number;
  #before: number;
  #byItem: Map<number, number>;

  constructor(share: number, from: MinuteCounts = { startMs: 0, clicks: 0, before: 0, byItem: new Map() }) {
    this.#share = share;
    this.#startMs = from.startMs;
    this.#clicks = from.clicks;
    this.#before = from.before;
    this.#byItem = new Map(from.byItem);
  }

  /** The counts so far (fresh). */
  get counts(): MinuteCounts {
    const byItem = new Map(this.#byItem);
    return { startMs: this.#startMs, clicks: this.#clicks, before: this.#before, byItem };
  }

  /**
   * Counts a click unless its item has had its share of the minute.
   * @param usual - the item's share of all clicks of the latest days.
   * @param timeMs - not before that of the call before.
   */
  take(item: number, usual: number, timeMs: number): boolean {
    if (this.#share >= 1) return true;
    const minutes = Math.floor((timeMs - this.#startMs) / MINUTE_MS);
    if (minutes >= 1) {
      this.#before = minutes === 1 ? this.#clicks : 0;
      this.#clicks = 0;
      this.#byItem.clear();
      this.#startMs += minutes * MINUTE_MS;
    }
    const count = (this.#byItem.get(item) ?? 0) + 1;
    const most = Math.max(this.#share, 2 * usual) * Math.max(this.#before, this.#clicks);
    if (count > Math.max(LEAST_CLICKS, most)) return false;
    this.#byItem.set(item, count);
    this.#clicks++;
    return true;
  }
}
