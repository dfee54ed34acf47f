import { ItemIdTable } from '@gru4rec/dataset/ids';
import type { Runtime } from '@gru4rec/program';
import type { ModelConfig } from './config.ts';
import type { Gru4Rec } from './gru4rec.ts';
import { NEVER } from './losses/loss.ts';
import { freshVariables } from './parts/freshness.ts';
import { CLICK_TABLE } from './programs/click-features.ts';
import { itemTables } from './programs/forward.ts';
import {
  COLD_OFFSET,
  composedTables,
  featureTable,
  ownTable,
  projectionOf,
} from './programs/item-features.ts';
import type { StoredModel } from './storage/stored-model.ts';
import { type StoredTensor, type TensorPiece, valuesOf } from './storage/tensors.ts';
import type { PreparedData } from './training/training-data.ts';

type Read = (name: string) => ArrayLike<number>;

export type RowsOf = Pick<PreparedData, 'features' | 'untrained'>;

/**
 * The tables of items that a model has where they are not those of its training: with features, an item's own row + Σ rows of its
 * features + its vector times what vectors are multiplied by, plus the cold offset in the bias of an item that was never trained.
 * Without, an item that was never trained has the least bias of the others.
 * @returns [I × columns] by name (fresh); nothing where the tables are as training left them.
 */
export function composedRows(config: ModelConfig, rows: RowsOf, read: Read): Record<string, Float32Array> {
  const { features, untrained } = rows;
  if (!features) return untrained ? { by: withLeastBias(Float32Array.from(read('by')), untrained) } : {};
  const composed: Record<string, Float32Array> = {};
  for (const [name, cols] of Object.entries(itemTables(config))) {
    composed[name] = Float32Array.from(read(ownTable(name)));
    addFeatureRows(composed[name], { name, cols }, features, read);
  }
  const { by } = composed;
  const offset = Number(read(COLD_OFFSET)[0]);
  for (const item of untrained ?? []) if (by) by[item] = by[item] + offset;
  return composed;
}

export type FeaturesOfItems = Pick<NonNullable<RowsOf['features']>, 'perItem' | 'table' | 'vectors'>;

function addFeatureRows(
  values: Float32Array,
  { name, cols }: { readonly name: string; readonly cols: number },
  { perItem, table: features, vectors = new Float32Array() }: FeaturesOfItems,
  read: Read,
): void {
  const rows = perItem > 0 ? read(featureTable(name)) : [];
  for (const [at, feature] of features.entries()) {
    if (feature >= 0) addRow(values, Math.floor(at / perItem), rows, { row: feature, cols, times: 1 });
  }
  const projection = vectors.length > 0 ? read(projectionOf(name)) : [];
  const width = projection.length / cols;
  for (let at = 0; at < vectors.length; at++) {
    const times = vectors[at];
    if (times !== 0) addRow(values, Math.floor(at / width), projection, { row: at % width, cols, times });
  }
}

function addRow(
  values: Float32Array,
  item: number,
  table: ArrayLike<number>,
  { row, cols, times }: { readonly row: number; readonly cols: number; readonly times: number },
): void {
  const [to, from] = [item * cols, row * cols];
  for (let c = 0; c < cols; c++) values[to + c] = values[to + c] + times * table[from + c];
}

function withLeastBias(by: Float32Array, untrained: Int32Array): Float32Array {
  const skipped = new Set(untrained);
  const least = by.reduce((min, bias, item) => (skipped.has(item) ? min : Math.min(min, bias)), Infinity);
  for (const item of untrained) by[item] = least;
  return by;
}

export function writeComposed(runtime: Runtime, config: ModelConfig, rows: RowsOf, read: Read): void {
  if (!rows.features && !rows.untrained) return;
  const composed = composedRows(config, rows, read);
  for (const { name } of runtime.variables) {
    const values = composed[name];
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

/** The items that no training has seen a click of; undefined for none, or if all items are negatives of each step. */
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
  const untrained = Int32Array.from(support.keys()).filter(
    (item) => support[item] === 0 && !wasTrained(item),
  );
  return untrained.length > 0 ? untrained : undefined;
}

/** Items that a model gets without a training; with `itemFeatures` or `itemVectors`, also items of the model with others. */
export interface AddedItems {
  /** Each id once. */
  readonly ids: readonly string[];
  /** [items × K] features of each item, ascending, then −1; empty without features: a new item then has rows of zeros. */
  readonly features: Int32Array;
  /** [items × D] the vector of each item, with `itemVectors`. */
  readonly vectors?: Float32Array | undefined;
}

/** A model as training left it. */
export type ComposedFrom = Pick<StoredModel, 'config' | 'tensors'>;

/**
 * The rows of an item with other features than it was trained with: its own row + Σ rows of the features + what its vector gives.
 * An item that no training has seen has an own row of zeros, and the cold offset in its bias.
 * @param item - −1 for a new one.
 * @param features - ascending; −1 is none.
 * @returns [columns] by table: `Wy`, `by`, and `E` if the model has it (fresh).
 */
export function composeItem(
  { config, tensors }: ComposedFrom,
  item: number,
  features: Int32Array,
  vector?: Float32Array,
): Map<string, Float32Array> {
  const rows = new Map<string, Float32Array>();
  const tables = itemTables(config);
  const isTrained = rowOf(tensors, ownTable('Wy'), item, tables['Wy'] ?? 0).some((value) => value !== 0);
  for (const [name, cols] of Object.entries(tables)) {
    const row = isTrained ? rowOf(tensors, ownTable(name), item, cols).slice() : new Float32Array(cols);
    const ofItem = { perItem: features.length, table: features, vectors: vector };
    addFeatureRows(row, { name, cols }, ofItem, (of) => valuesOf(tensors, of));
    rows.set(name, row);
  }
  const by = rows.get('by');
  if (by && !isTrained) by[0] = by[0] + Number(valuesOf(tensors, COLD_OFFSET)[0] ?? 0);
  return rows;
}

/** Whether an item of the model has the rows that these features, and this vector, give it. */
export function isComposedOf(
  model: ComposedFrom,
  item: number,
  features: Int32Array,
  vector?: Float32Array,
): boolean {
  for (const [name, row] of composeItem(model, item, features, vector)) {
    const has = rowOf(model.tensors, name, item, row.length);
    if (!row.every((value, at) => value === has[at])) return false;
  }
  return true;
}

/**
 * A model with more items, and with other rows of some. It has no features, so it is for recommending, not for training.
 * @param model - as training left it; read only.
 * @returns the same configuration, parameters (shared with `model`), and tables with a row per item (fresh). New items follow
 *   those of the model and have no recent clicks; with freshness, they are not listed before their first click.
 */
export function addItems<Model extends Pick<StoredModel, 'config' | 'tensors' | 'itemIds' | 'recentClicks'>>(
  model: Model,
  { ids, ...added }: AddedItems,
): Model {
  const itemIds = ItemIdTable.from(model.itemIds);
  const before = itemIds.length;
  const places = ids.map((id) => itemIds.add(id));
  const { length } = itemIds;
  const grown = model.tensors.filter(isRead).map((tensor) => withRows(tensor, before, length));
  // The own rows of the items that follow are zeros.
  const own = model.tensors.filter(({ name }) => name === ownTable('Wy'));
  const byName = new Map(grown.map((tensor) => [tensor.name, tensor]));
  for (const [at, item] of places.entries()) {
    const { features, vector } = featuresAt({ ids, ...added }, at);
    const rows = composeItem(model, item < before ? item : -1, features, vector);
    moveFreshBias(grown, item, rows);
    for (const [name, values] of rows) {
      const tensor = byName.get(name);
      if (tensor?.pieces) tensor.pieces.push({ row: item, values });
      else tensor?.values.set(values, item * values.length);
    }
  }
  const clicks = new Float32Array(length);
  clicks.set(model.recentClicks ?? []);
  return {
    ...model,
    itemIds,
    tensors: [...grown, ...own],
    ...(model.recentClicks && { recentClicks: clicks }),
  };
}

/** The features and the vector of one of some items (views). */
export function featuresAt(
  { ids, features, vectors }: AddedItems,
  at: number,
): { readonly features: Int32Array; readonly vector: Float32Array | undefined } {
  const [perItem, width] = [features.length / ids.length, (vectors?.length ?? 0) / ids.length];
  return {
    features: features.subarray(at * perItem, (at + 1) * perItem),
    vector: vectors?.subarray(at * width, (at + 1) * width),
  };
}

function isRead({ name, kind }: StoredTensor): boolean {
  return kind !== 'slot' && !/^(own|features)\./.test(name);
}

interface GrownTensor extends StoredTensor {
  readonly pieces?: TensorPiece[];
}

function withRows(tensor: StoredTensor, before: number, rows: number): GrownTensor {
  const { name, kind, cols } = tensor;
  const described = { name, kind, cols, rows: tensor.rows };
  const isPerItem = kind === 'table' && tensor.rows === before && name !== CLICK_TABLE;
  if (!isPerItem) return { ...described, values: tensor.values };
  if (cols > 1) return inPieces(tensor, rows);
  const values = new Float32Array(rows * cols);
  values.set(tensor.values);
  // As in `Freshness.biasAt` without a click.
  if (name === freshVariables.bias) values.fill(-NEVER, before * cols);
  return { ...described, rows, values };
}

/** A table that is copied only if its values are asked for: 40 MB with 100,000 items of 100 units. */
function inPieces({ values: base, ...tensor }: StoredTensor, rows: number): GrownTensor {
  const pieces: TensorPiece[] = [{ row: 0, values: base }];
  let all: Float32Array | undefined;
  return {
    ...tensor,
    rows,
    pieces,
    get values() {
      if (all) return all;
      all = new Float32Array(rows * tensor.cols);
      for (const { row, values } of pieces) all.set(values, row * tensor.cols);
      return all;
    },
  };
}

/** The bias of a moment follows the bias of an item that has clicks. */
function moveFreshBias(
  tensors: readonly StoredTensor[],
  item: number,
  rows: ReadonlyMap<string, Float32Array>,
): void {
  const fresh = tensors.find(({ name }) => name === freshVariables.bias)?.values;
  if (!fresh || fresh[item] <= -NEVER / 2) return;
  fresh[item] = fresh[item] + Number(rows.get('by')?.[0]) - Number(valuesOf(tensors, 'by')[item]);
}

function rowOf(tensors: readonly StoredTensor[], name: string, item: number, cols: number): Float32Array {
  return item < 0 ? new Float32Array() : valuesOf(tensors, name).subarray(item * cols, (item + 1) * cols);
}
