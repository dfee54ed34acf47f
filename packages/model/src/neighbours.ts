import { kthGreatest } from '@gru4rec/metrics';
import { repeatVariables } from './programs/forward.ts';
import { type StoredTensor, valuesOf } from './storage/tensors.ts';

/** Tables [I × N] of a model whose scores depend on neighbours: the neighbours of each item, best first, and similarities. */
export const neighbourTables = {
  items: 'neighbours.items',
  similarities: 'neighbours.similarities',
} as const;

/** N of the tables among some tensors; undefined if there are none. */
export function neighboursPerItem(tensors: readonly StoredTensor[]): number | undefined {
  return tensors.find(({ name }) => name === neighbourTables.items)?.cols;
}

/** The tables that a model of this configuration has beside those of training, and that lack for old models. */
export function neighbourVariables(rows: number, cols: number): Omit<StoredTensor, 'values' | 'pieces'>[] {
  return Object.values(neighbourTables).map((name) => ({ name, kind: 'table', rows, cols }));
}

/** The tensors, whose tables have `rows` rows: items that came after them have no neighbours. */
export function withTableRows(tensors: readonly StoredTensor[], rows: number): StoredTensor[] {
  return tensors.map((tensor) => {
    if (!isTable(tensor) || tensor.rows === rows) return tensor;
    const values = new Float32Array(rows * tensor.cols);
    values.set(tensor.values);
    return { ...tensor, rows, values };
  });
}

export function isTable({ name }: StoredTensor): boolean {
  return Object.values<string>(neighbourTables).includes(name);
}

/** The tensors with other tables. Without tables, or with a weight of 0, they have neither. */
export function withTables(
  tensors: readonly StoredTensor[],
  tables: readonly StoredTensor[],
): StoredTensor[] {
  const others = tensors.filter((tensor) => !isTable(tensor));
  const weight = Number(valuesOf(tensors, repeatVariables.neighbours)[0] ?? 0);
  if (tables.length > 0 && weight > 0) return [...others, ...tables];
  return others.filter(({ name }) => name !== repeatVariables.neighbours);
}

/** Items of the history, the last ones, whose neighbours count, and how much less each counts than the one after it. */
const LAST = 10;
const DECAY = 0.8;
/** Sums of similarities below it hardly count. */
export const NEIGHBOUR_SCALE = 0.02;
/** Neighbours of a session, the nearest ones. */
export const MOST_NEAR = 100;

/** How much the neighbours of the item at a place of the history count. */
export function neighbourShare(place: number): number {
  return place < LAST ? DECAY ** place : 0;
}

/**
 * What the neighbours of a session's items get on top of their scores:
 *
 * w · log(1 + x_j / 0.02) for item j, x_j = Σ_k 0.8^k · sim(i_k, j), over the last 10 distinct items of the session, i_0 the last
 *
 * An item of the history gets nothing, because its bias is fitted beside w. Nor does an item whose x_j is at most the 101st.
 */
export class SessionNeighbours {
  /** M, the most neighbours of a session. */
  readonly length: number;
  /** [I] what each item gets in the session that `of` was called with last; changed in place. */
  readonly values: Float64Array;
  readonly #items: Float32Array;
  readonly #similarities: Float32Array;
  readonly #cols: number;
  readonly #weight: number;
  readonly #found: Int32Array;
  readonly #sums: Float64Array;
  #count = 0;

  constructor(tensors: readonly StoredTensor[], itemCount: number, weight: number) {
    this.#items = valuesOf(tensors, neighbourTables.items);
    this.#similarities = valuesOf(tensors, neighbourTables.similarities);
    this.#cols = neighboursPerItem(tensors) ?? 0;
    this.#weight = weight;
    this.values = new Float64Array(itemCount);
    this.#found = new Int32Array(LAST * this.#cols);
    this.#sums = new Float64Array(this.#found.length);
    this.length = Math.min(MOST_NEAR, this.#found.length);
  }

  /**
   * @param history - the last distinct items of a session, the most recent first, −1 where there are fewer.
   * @returns its neighbours in no order, at most M; a view, valid like `values` until the next call.
   */
  of(history: Int32Array): Int32Array {
    const values = this.values;
    const found = this.#found;
    for (const item of found.subarray(0, this.#count)) values[item] = 0;
    let count = 0;
    for (let place = 0; place < Math.min(LAST, history.length); place++) {
      const last = history[place] as number;
      const share = neighbourShare(place);
      // An item that came after the tables has none.
      const end = Math.min((last + 1) * this.#cols, this.#items.length);
      for (let at = last * this.#cols; at >= 0 && at < end; at++) {
        const similarity = this.#similarities[at] as number;
        if (similarity === 0) break;
        const item = this.#items[at] as number;
        if (values[item] === 0) found[count++] = item;
        values[item] = (values[item] as number) + share * similarity;
      }
    }
    for (const last of history) if (last >= 0) values[last] = 0;
    const least = this.#sumBelow(count);
    this.#count = 0;
    for (let at = 0; at < count; at++) {
      const item = found[at] as number;
      const sum = values[item] as number;
      values[item] = 0;
      if (sum <= least) continue;
      values[item] = this.#weight * Math.log1p(sum / NEIGHBOUR_SCALE);
      found[this.#count++] = item;
    }
    return found.subarray(0, this.#count);
  }

  /** The greatest sum that is too small; 0 if there is room for all. */
  #sumBelow(count: number): number {
    if (count <= this.length) return 0;
    for (let at = 0; at < count; at++) this.#sums[at] = this.values[this.#found[at] as number] as number;
    return kthGreatest(this.#sums.subarray(0, count), this.length + 1);
  }
}

/** The neighbours of a model's sessions; undefined if its scores do not depend on them. */
export function neighboursOf(
  tensors: readonly StoredTensor[],
  itemCount: number,
): SessionNeighbours | undefined {
  const weight = tensors.find(({ name }) => name === repeatVariables.neighbours)?.values[0];
  const hasTables = neighboursPerItem(tensors) !== undefined;
  return weight && hasTables ? new SessionNeighbours(tensors, itemCount, weight) : undefined;
}
