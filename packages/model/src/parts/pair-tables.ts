import { kthGreatest } from '@gru4rec/metrics';
import { type Allocate, type StoredTensor, valuesOf } from '../storage/tensors.ts';
import type { PartFeatures, PartTables, SessionItems, SparsePart } from './part.ts';

/** The last items of a session whose pairs count, and how much less each counts than the one after it. */
const LAST = 10;
const DECAY = 0.8;
/** Sums of similarities below these hardly count. */
export const pairScales = { 'co-occurrences': 0.02, 'similar-attributes': 0.2 } as const;
/** A part whose tables have pairs of items. */
export type PairPart = keyof typeof pairScales;
/** Items of a session that pairs raise, those with the greatest sums. */
export const MOST_RAISED = 100;

/** N is at most 50, and less where tables would have more numbers than this. More items have none: floats have no index beyond 2^24. */
const MOST_PER_ITEM = 50;
const MOST_PAIRS = 5e7;
const MOST_ITEMS = 2 ** 24;

/** Names of tables [I × N]: the items most similar to each item, the most similar first, and their similarities. */
export function pairNames(part: PairPart): { readonly items: string; readonly similarities: string } {
  return { items: `${part}.items`, similarities: `${part}.similarities` };
}

/** How much the pairs of the item at a place of the history count. */
export function placeShare(place: number): number {
  return place < LAST ? DECAY ** place : 0;
}

/** N of tables for this number of items; 0 for a single item, or too many. */
export function pairsPerItem(itemCount: number): number {
  return itemCount > MOST_ITEMS
    ? 0
    : Math.min(MOST_PER_ITEM, Math.floor(MOST_PAIRS / itemCount), itemCount - 1);
}

/** N of tables; undefined without them. */
export function pairColumns(part: PairPart, tensors: readonly StoredTensor[]): number | undefined {
  return tensors.find(({ name }) => name === pairNames(part).items)?.cols;
}

/** Tables without pairs. */
export function emptyPairs(
  part: PairPart,
  itemCount: number,
  cols: number,
  allocate: Allocate = (length) => new Float32Array(length),
): [items: StoredTensor, similarities: StoredTensor] {
  const empty = (name: string): StoredTensor => {
    return { name, kind: 'table', rows: itemCount, cols, values: allocate(itemCount * cols, name).fill(0) };
  };
  const { items, similarities } = pairNames(part);
  return [empty(items), empty(similarities)];
}

/** A part whose only feature comes from tables of pairs. @param tables - how its tables are counted and renewed. */
export function pairPart(part: PairPart, tables: Omit<PartTables, 'names'>): SparsePart {
  return {
    widths: () => ({ places: 0, plain: 1, scaled: 0 }),
    raises: true,
    rivals: 20,
    tables: { names: Object.values(pairNames(part)), ...tables },
    open: (_config, tensors, itemCount) => PairFeatures.open(part, tensors, itemCount),
  };
}

/**
 * The feature of items outside of a session that are similar to items of it:
 *
 * log(1 + x_j / scale), x_j = Σ_k 0.8^k · sim(i_k, j), over the last 10 distinct items of the session, i_0 the last
 *
 * but for items whose x_j is at most the 101st.
 */
class PairFeatures implements PartFeatures {
  readonly length: number;
  readonly items: Int32Array;
  readonly features: Float64Array;
  readonly #scale: number;
  readonly #others: Int32Array | Float32Array;
  readonly #similarities: Float32Array;
  readonly #cols: number;
  /** [I] x of the items of a session while it is read, else 0. */
  readonly #sums: Float64Array;
  readonly #reached: Int32Array;
  readonly #ordered: Float64Array;

  private constructor(part: PairPart, tensors: readonly StoredTensor[], cols: number, itemCount: number) {
    const { items, similarities } = pairNames(part);
    this.#scale = pairScales[part];
    this.#others = valuesOf(tensors, items);
    this.#similarities = valuesOf(tensors, similarities);
    this.#cols = cols;
    this.#sums = new Float64Array(itemCount);
    this.#reached = new Int32Array(LAST * cols);
    this.#ordered = new Float64Array(this.#reached.length);
    this.length = Math.min(MOST_RAISED, this.#reached.length);
    this.items = new Int32Array(this.length);
    this.features = new Float64Array(this.length);
  }

  static open(part: PairPart, tensors: readonly StoredTensor[], itemCount: number): PairFeatures | undefined {
    const cols = pairColumns(part, tensors);
    return cols === undefined ? undefined : new PairFeatures(part, tensors, cols, itemCount);
  }

  read({ items: history }: SessionItems): number {
    const sums = this.#sums;
    const reached = this.#reached;
    let count = 0;
    for (let place = 0; place < Math.min(LAST, history.length); place++) {
      const share = placeShare(place);
      // An item that came after the tables has no pairs.
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
      this.features[raised++] = Math.log1p(sum / this.#scale);
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
