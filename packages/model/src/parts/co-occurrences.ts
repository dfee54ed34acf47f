import { kthGreatest } from '@gru4rec/metrics';
import { type StoredTensor, valuesOf } from '../storage/tensors.ts';
import {
  coOccurrencesPerItem,
  coOccurrenceTables,
  countCoOccurrences,
  SESSION_WEIGHTS,
} from './count-co-occurrences.ts';
import { FollowedCoOccurrences } from './followed-co-occurrences.ts';
import type { PartFeatures, SessionItems, SparsePart } from './part.ts';

/** The last items of a session whose co-occurrences count, and how much less each counts than the one after it. */
const LAST = 10;
const DECAY = 0.8;
/** Sums of similarities below it hardly count. */
export const CO_OCCURRENCE_SCALE = 0.02;
/** Items of a session that co-occurrences raise, those with the greatest sums. */
export const MOST_RAISED = 100;

/** How much the co-occurrences of the item at a place of the history count. */
export function placeShare(place: number): number {
  return place < LAST ? DECAY ** place : 0;
}

/**
 * Items that share sessions with the items of this one: item j outside of it gets
 *
 * w · log(1 + x_j / 0.02), x_j = Σ_k 0.8^k · sim(i_k, j), over the last 10 distinct items of the session, i_0 the last
 *
 * but for items whose x_j is at most the 101st.
 */
export const coOccurrences: SparsePart = {
  widths: () => ({ places: 0, plain: 1, scaled: 0 }),
  raises: true,
  rivals: 20,
  tables: {
    names: Object.values(coOccurrenceTables),
    slots: [SESSION_WEIGHTS],
    count: countCoOccurrences,
    follow: FollowedCoOccurrences.open,
  },
  open(_config, tensors, itemCount) {
    return coOccurrencesPerItem(tensors) === undefined ? undefined : new CoOccurring(tensors, itemCount);
  },
};

class CoOccurring implements PartFeatures {
  readonly length: number;
  readonly items: Int32Array;
  readonly features: Float64Array;
  readonly #others: Int32Array | Float32Array;
  readonly #similarities: Float32Array;
  readonly #cols: number;
  /** [I] x of the items of a session while it is read, else 0. */
  readonly #sums: Float64Array;
  readonly #reached: Int32Array;
  readonly #ordered: Float64Array;

  constructor(tensors: readonly StoredTensor[], itemCount: number) {
    this.#others = valuesOf(tensors, coOccurrenceTables.items);
    this.#similarities = valuesOf(tensors, coOccurrenceTables.similarities);
    this.#cols = coOccurrencesPerItem(tensors) ?? 0;
    this.#sums = new Float64Array(itemCount);
    this.#reached = new Int32Array(LAST * this.#cols);
    this.#ordered = new Float64Array(this.#reached.length);
    this.length = Math.min(MOST_RAISED, this.#reached.length);
    this.items = new Int32Array(this.length);
    this.features = new Float64Array(this.length);
  }

  read({ items: history }: SessionItems): number {
    const sums = this.#sums;
    const reached = this.#reached;
    let count = 0;
    for (let place = 0; place < Math.min(LAST, history.length); place++) {
      const share = placeShare(place);
      // An item that came after the tables shares no session.
      const end = Math.min((history[place] + 1) * this.#cols, this.#others.length);
      for (let at = history[place] * this.#cols; at >= 0 && at < end; at++) {
        const similarity = this.#similarities[at];
        if (similarity === 0) break;
        const item = this.#others[at];
        if (sums[item] === 0) reached[count++] = item;
        sums[item] += share * similarity;
      }
    }
    for (const item of history) if (item >= 0) sums[item] = 0;
    const least = this.#sumBelow(count);
    let raised = 0;
    for (let at = 0; at < count; at++) {
      const item = reached[at];
      const sum = sums[item];
      sums[item] = 0;
      if (sum <= least) continue;
      this.items[raised] = item;
      this.features[raised++] = Math.log1p(sum / CO_OCCURRENCE_SCALE);
    }
    return raised;
  }

  /** The greatest sum that is too small; 0 if there is room for all. */
  #sumBelow(count: number): number {
    if (count <= this.length) return 0;
    for (let at = 0; at < count; at++) this.#ordered[at] = this.#sums[this.#reached[at]];
    return kthGreatest(this.#ordered.subarray(0, count), this.length + 1);
  }
}
