import type { StepConfig } from '../model-config.ts';
import { pairNames } from '../parts/pair-tables.ts';
import { ownTable } from '../programs/item-features.ts';
import { type StoredTensor, valuesOf } from '../storage/tensors.ts';
import { LiveEngine, type LiveEngineOptions } from './live-engine.ts';
import type { SessionScores } from './selection.ts';

/** The answer to one click on an item, items that share sessions with it, or items whose features are like its own. */
export const relatedKinds = ['next', 'together', 'alike'] as const;
/** Which items are related to an item. */
export type RelatedKind = (typeof relatedKinds)[number];

/** What a list starts from. */
export interface ListStart {
  readonly kind: RelatedKind;
  readonly scores: SessionScores;
  readonly state: Float32Array;
  /** The only items that have a score; all if not given. */
  readonly among?: Int32Array | undefined;
}

const NOBODY = new Float32Array();

/** By their similarity in the tables of `co-occurrences`. @returns undefined for an item without pairs. */
export function togetherWith(
  item: number,
  tensors: readonly StoredTensor[],
  itemCount: number,
): ListStart | undefined {
  const names = pairNames('co-occurrences');
  const table = tensors.find(({ name }) => name === names.items);
  if (!table) return undefined;
  const [start, end] = [item * table.cols, (item + 1) * table.cols];
  const row = valuesOf(tensors, names.similarities).subarray(start, end);
  const similarities = row.subarray(0, row.includes(0) ? row.indexOf(0) : row.length);
  if (similarities.length === 0) return undefined;
  const items = Int32Array.from(table.values.subarray(start, start + similarities.length));
  const scoresOf = (some: Int32Array) =>
    Float64Array.from(some, (one) => similarities[items.indexOf(one)] ?? 0);
  const scores: SessionScores = {
    best: () => undefined,
    scoreAll: () => scoresOf(Int32Array.from({ length: itemCount }, (_, at) => at)),
    scoreItems: (_, some) => scoresOf(some),
  };
  return { kind: 'together', scores, state: NOBODY, among: items };
}

/** Cosines between what features add to the output rows of items, as a network whose state is the row of an item. */
export class AlikeScores {
  readonly #engine: LiveEngine;
  /** [I × H] of length 1, or zeros for an item without features. */
  readonly #rows: Float32Array;
  readonly #units: number;

  private constructor(engine: LiveEngine, rows: Float32Array, units: number) {
    this.#engine = engine;
    this.#rows = rows;
    this.#units = units;
  }

  /** @returns undefined for a model without features. */
  static open({ config, itemCount, tensors = [], load }: LiveEngineOptions): AlikeScores | undefined {
    const rows = featureRows(tensors, itemCount);
    if (!rows) return undefined;
    const units = rows.length / itemCount;
    const linear: StepConfig = {
      ...config,
      layers: [units],
      cell: 'rnn',
      parts: ['network'],
      loss: 'cross-entropy',
      constrainedEmbedding: true,
    };
    const table: StoredTensor = { name: 'Wy', kind: 'table', rows: itemCount, cols: units, values: rows };
    return new AlikeScores(
      new LiveEngine({ config: linear, itemCount, tensors: [table], load }),
      rows,
      units,
    );
  }

  /** Of an item without features, no item. */
  start(item: number): ListStart {
    const state = this.#rows.subarray(item * this.#units, (item + 1) * this.#units);
    const among = state.every((value) => value === 0) ? new Int32Array() : undefined;
    return { kind: 'alike', scores: this.#engine, state, among };
  }

  dispose(): void {
    this.#engine.dispose();
  }
}

/** [I × H] the output rows without the items' own rows, divided by their lengths (fresh). */
function featureRows(tensors: readonly StoredTensor[], itemCount: number): Float32Array | undefined {
  const [own, composed] = [ownTable('Wy'), 'Wy'].map((of) => tensors.find(({ name }) => name === of));
  if (!own || !composed) return undefined;
  const { cols } = composed;
  const rows = new Float32Array(itemCount * cols);
  for (const { row, values } of composed.pieces ?? [{ row: 0, values: composed.values }]) {
    rows.set(values, row * cols);
  }
  for (const [at, value] of own.values.entries()) rows[at] -= value;
  for (let start = 0; start < rows.length; start += cols) {
    const row = rows.subarray(start, start + cols);
    const length = Math.hypot(...row);
    if (length > 0) for (let at = 0; at < cols; at++) row[at] /= length;
  }
  return rows;
}
