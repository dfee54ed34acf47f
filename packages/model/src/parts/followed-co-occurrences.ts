import { type Allocate, type StoredTensor, valuesOf } from '../storage/tensors.ts';
import { SESSION_WEIGHTS, sessionWeight, similarityScale } from './count-co-occurrences.ts';
import { emptyPairs, pairColumns, pairNames } from './pair-tables.ts';
import type { FollowedState, FollowedTables } from './part.ts';

/**
 * The tables of co-occurrences as a stream of clicks goes on. A pair counts with the weight that its session has when the later of
 * the two joins it. Where an item has no room, a pair takes the place of the least similar.
 */
export class FollowedCoOccurrences implements FollowedTables {
  readonly #cols: number;
  /** [rows × N] the other items, −1 for none. */
  #others: Int32Array;
  /** [rows × N] X, the weights of the sessions with both. */
  #shared: Float32Array;
  /** [rows] n */
  #weights: Float32Array;

  private constructor(cols: number, { others, shared, weights }: FollowedState) {
    this.#cols = cols;
    this.#others = others.slice();
    this.#shared = shared.slice();
    this.#weights = weights.slice();
  }

  static open(tensors: readonly StoredTensor[], state?: FollowedState): FollowedCoOccurrences | undefined {
    const cols = pairColumns('co-occurrences', tensors);
    return cols === undefined ? undefined : new FollowedCoOccurrences(cols, state ?? stateOf(tensors));
  }

  get state(): FollowedState {
    return { others: this.#others.slice(), shared: this.#shared.slice(), weights: this.#weights.slice() };
  }

  join(item: number, items: readonly number[]): void {
    while (item >= this.#weights.length) this.#grow();
    const weight = sessionWeight(items.length + 1);
    const change = weight - sessionWeight(items.length);
    this.#weights[item] += weight;
    for (const other of items) this.#weights[other] += change;
    for (const other of items) {
      this.#share(item, other, weight);
      this.#share(other, item, weight);
    }
  }

  tables(itemCount: number, allocate?: Allocate): StoredTensor[] {
    const cols = this.#cols;
    const tables = emptyPairs('co-occurrences', itemCount, cols, allocate);
    const [items, similarities] = tables.map(({ values }) => values);
    for (let item = 0; item < Math.min(itemCount, this.#weights.length); item++) {
      for (let at = item * cols; at < (item + 1) * cols && this.#others[at] >= 0; at++) {
        items[at] = this.#others[at];
        similarities[at] = this.#shared[at] / similarityScale(this.#weights, item, items[at]);
      }
    }
    return tables;
  }

  slots(itemCount: number): StoredTensor[] {
    const values = new Float32Array(itemCount);
    values.set(this.#weights.subarray(0, itemCount));
    return [{ name: SESSION_WEIGHTS, kind: 'slot', rows: itemCount, cols: 1, values }];
  }

  #share(item: number, other: number, weight: number): void {
    let place = item * this.#cols;
    let least = Number.POSITIVE_INFINITY;
    for (let at = place; at < (item + 1) * this.#cols; at++) {
      if (this.#others[at] === other) {
        this.#shared[at] += weight;
        return;
      }
      if (this.#others[at] < 0) {
        place = at;
        break;
      }
      const similarity = this.#shared[at] / similarityScale(this.#weights, item, this.#others[at]);
      if (similarity < least) [place, least] = [at, similarity];
    }
    this.#others[place] = other;
    this.#shared[place] = weight;
  }

  #grow(): void {
    const rows = 2 * this.#weights.length;
    const grown = stateFor(rows, this.#cols);
    grown.others.set(this.#others);
    grown.shared.set(this.#shared);
    grown.weights.set(this.#weights);
    [this.#others, this.#shared, this.#weights] = [grown.others, grown.shared, grown.weights];
  }
}

function stateFor(rows: number, cols: number): FollowedState {
  return {
    others: new Int32Array(rows * cols).fill(-1),
    shared: new Float32Array(rows * cols),
    weights: new Float32Array(rows),
  };
}

function stateOf(tensors: readonly StoredTensor[]): FollowedState {
  const cols = pairColumns('co-occurrences', tensors) ?? 0;
  const names = pairNames('co-occurrences');
  const items = valuesOf(tensors, names.items);
  const similarities = valuesOf(tensors, names.similarities);
  const { others, shared, weights } = stateFor(items.length / cols, cols);
  weights.set(valuesOf(tensors, SESSION_WEIGHTS));
  for (const [at, other] of items.entries()) {
    if (similarities[at] === 0) continue;
    others[at] = other;
    shared[at] = similarities[at] * similarityScale(weights, Math.floor(at / cols), other);
  }
  return { others, shared, weights };
}
