import { ItemIdTable } from '@gru4rec/item-ids';
import { freshVariables } from './freshness.ts';
import { NEVER } from './losses/loss.ts';
import { itemTables } from './programs/forward.ts';
import { COLD_OFFSET, ownTable } from './programs/item-features.ts';
import type { StoredModel } from './storage/stored-model.ts';
import type { StoredTensor, TensorPiece } from './storage/stored-tensor.ts';
import { addFeatureRows } from './training/compose-rows.ts';

/** Items that a model with `itemFeatures` or `itemVectors` gets without a training, and items of the model with others. */
export interface AddedItems {
  /** Each id once. */
  readonly ids: readonly string[];
  /** [items × K] features of each item, ascending, then −1. */
  readonly features: Int32Array;
  /** [items × D] the vector of each item, with `itemVectors`. */
  readonly vectors?: Float32Array | undefined;
}

/** What rows of items are composed of: a model with `itemFeatures` or `itemVectors`, as training left it. */
export type ComposedFrom = Pick<StoredModel, 'config' | 'tensors'>;

/**
 * The rows of an item with other features than it was trained with: its own row + Σ rows of the features + what its vector
 * gives. An item that no training has seen has an own row of zeros, and the cold offset in its bias.
 *
 * @param item - index of the item; −1 for a new one.
 * @param features - ascending; −1 is none.
 * @param vector - [D] with `itemVectors`.
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
    const given = { perItem: features.length, table: features, vectors: vector };
    addFeatureRows(row, { name, cols }, given, (of) => valuesOf(tensors, of));
    rows.set(name, row);
  }
  const by = rows.get('by');
  if (by && !isTrained) by[0] = Number(by[0]) + Number(valuesOf(tensors, COLD_OFFSET)[0]);
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
 *
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
  return { ...model, itemIds, tensors: grown, ...(model.recentClicks && { recentClicks: clicks }) };
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

/** Whether recommending reads a tensor. */
function isRead({ name, kind }: StoredTensor): boolean {
  return kind !== 'slot' && !/^(own|features)\./.test(name);
}

const perItemTables: readonly string[] = [
  ...['E', 'Wy', 'by'],
  ...[freshVariables.counts, freshVariables.ages, freshVariables.bias],
];

/** A tensor whose rows are written. */
interface GrownTensor extends StoredTensor {
  readonly pieces?: TensorPiece[];
}

function withRows(tensor: StoredTensor, before: number, rows: number): GrownTensor {
  const { name, kind, cols } = tensor;
  const own = { name, kind, cols, rows: tensor.rows };
  if (!perItemTables.includes(name)) return { ...own, values: tensor.values };
  if (cols > 1) return inPieces(tensor, rows);
  const values = new Float32Array(rows * cols);
  values.set(tensor.values);
  // As in `Freshness.biasAt` without a click.
  if (name === freshVariables.bias) values.fill(-NEVER, before * cols);
  return { ...own, rows, values };
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
  if (!fresh || Number(fresh[item]) <= -NEVER / 2) return;
  fresh[item] = Number(fresh[item]) + Number(rows.get('by')?.[0]) - Number(valuesOf(tensors, 'by')[item]);
}

function valuesOf(tensors: readonly StoredTensor[], name: string): Float32Array {
  return tensors.find((tensor) => tensor.name === name)?.values ?? new Float32Array();
}

function rowOf(tensors: readonly StoredTensor[], name: string, item: number, cols: number): Float32Array {
  return item < 0 ? new Float32Array() : valuesOf(tensors, name).subarray(item * cols, (item + 1) * cols);
}
