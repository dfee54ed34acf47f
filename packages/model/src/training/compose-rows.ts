import type { Runtime } from '@gru4rec/program';
import type { ModelConfig } from '../config.ts';
import type { Gru4Rec } from '../gru4rec.ts';
import { itemTables } from '../programs/forward.ts';
import {
  COLD_OFFSET,
  composedTables,
  featureTable,
  ownTable,
  projectionOf,
} from '../programs/item-features.ts';
import type { PreparedData } from './training-data.ts';

/** Gives the values of a variable of a training. */
type Read = (name: string) => ArrayLike<number>;

/** What the rows of items are made of besides the values of a training. */
export type RowsOf = Pick<PreparedData, 'features' | 'untrained'>;

/**
 * The tables of items that a model has where they are not those of its training: with features, an item's own row + Σ rows
 * of its features + its vector times what vectors are multiplied by, plus the cold offset in the bias of an item that was
 * never trained. Without, an item that was never trained has the least bias of the others.
 *
 * @returns [I × columns] by name (fresh); nothing where the tables are as training left them.
 */
export function composedRows(config: ModelConfig, rows: RowsOf, read: Read): Map<string, Float32Array> {
  const { features, untrained } = rows;
  if (!features) {
    const by = Float32Array.from(untrained ? read('by') : []);
    return new Map(untrained ? [['by', withLeastBias(by, untrained)]] : []);
  }
  const composed = new Map<string, Float32Array>();
  for (const [name, cols] of Object.entries(itemTables(config))) {
    const values = Float32Array.from(read(ownTable(name)));
    addFeatureRows(values, { name, cols }, features, read);
    composed.set(name, values);
  }
  const by = composed.get('by');
  const offset = Number(read(COLD_OFFSET)[0]);
  for (const item of untrained ?? []) if (by) by[item] = Number(by[item]) + offset;
  return composed;
}

/** The features and vectors of some items. */
export type FeaturesOfItems = Pick<NonNullable<RowsOf['features']>, 'perItem' | 'table' | 'vectors'>;

/**
 * Adds to the rows of items those of their features, and their vectors times what vectors are multiplied by.
 *
 * @param values - [items × columns] of the table.
 * @param read - gives the values of a variable of the features.
 */
export function addFeatureRows(
  values: Float32Array,
  table: { readonly name: string; readonly cols: number },
  { perItem, table: features, vectors = new Float32Array() }: FeaturesOfItems,
  read: Read,
): void {
  const { name, cols } = table;
  const rows = perItem > 0 ? read(featureTable(name)) : [];
  for (const [at, feature] of features.entries()) {
    if (feature >= 0) addRow(values, Math.floor(at / perItem), rows, { row: feature, cols, times: 1 });
  }
  const projection = vectors.length > 0 ? read(projectionOf(name)) : [];
  const width = projection.length / cols;
  for (let at = 0; at < vectors.length; at++) {
    const times = Number(vectors[at]);
    if (times !== 0) addRow(values, Math.floor(at / width), projection, { row: at % width, cols, times });
  }
}

/** Adds a row of a table, some times, to the row of an item. */
function addRow(
  values: Float32Array,
  item: number,
  table: ArrayLike<number>,
  { row, cols, times }: { readonly row: number; readonly cols: number; readonly times: number },
): void {
  const [to, from] = [item * cols, row * cols];
  for (let c = 0; c < cols; c++) values[to + c] = Number(values[to + c]) + times * Number(table[from + c]);
}

function withLeastBias(by: Float32Array, untrained: Int32Array): Float32Array {
  const skipped = new Set(untrained);
  const least = by.reduce((min, bias, item) => (skipped.has(item) ? min : Math.min(min, bias)), Infinity);
  for (const item of untrained) by[item] = least;
  return by;
}

/** Writes the tables of `composedRows` that a runtime has. */
export function writeComposed(runtime: Runtime, config: ModelConfig, rows: RowsOf, read: Read): void {
  if (!rows.features && !rows.untrained) return;
  const composed = composedRows(config, rows, read);
  for (const { name } of runtime.variables) {
    const values = composed.get(name);
    if (values) runtime.write(name, values);
  }
}

/** Gives the items that are never trained rows of zeros, so that only features, if any, say something of them. */
export function clearUntrained(runtime: Runtime, { untrained }: RowsOf): void {
  if (!untrained) return;
  const tables = runtime.variables.filter(({ name }) =>
    composedTables.some((of) => name === of || name === ownTable(of)),
  );
  for (const { name, cols } of tables) {
    const zeros = new Float32Array(cols);
    for (const item of untrained) runtime.write(name, zeros, item);
  }
}

/**
 * The items without a click, in this training or in that of the model that it continues; undefined if there are none, or if
 * every item is a negative of each step.
 */
export function untrainedItems(
  { nSample }: Pick<ModelConfig, 'nSample'>,
  support: Int32Array,
  from: Gru4Rec | undefined,
): Int32Array | undefined {
  if (nSample === 'all') return undefined;
  const table =
    from?.tensors.find(({ name }) => name === ownTable('Wy')) ??
    from?.tensors.find(({ name }) => name === 'Wy');
  const wasTrained = (item: number): boolean => {
    if (!table || item >= table.rows) return false;
    return table.values.subarray(item * table.cols, (item + 1) * table.cols).some((value) => value !== 0);
  };
  const found = Int32Array.from(support.keys()).filter((item) => support[item] === 0 && !wasTrained(item));
  return found.length > 0 ? found : undefined;
}
