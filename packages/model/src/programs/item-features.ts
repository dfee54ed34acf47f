import type { StepGraph, Tensor } from '@gru4rec/program';

// Dimensions: F features, K most features of an item, D numbers of a vector, I items, N items of a step.

/** The tables whose rows are composed of an item's own row, the rows of its features and its projected vector. */
export const composedTables: readonly string[] = ['E', 'Wy', 'by'];

export const ownTable = (composed: string): string => `own.${composed}`;
export const featureTable = (composed: string): string => `features.${composed}`;
/** The matrix [D, columns] that vectors of items are multiplied by. */
export const projectionOf = (composed: string): string => `features.vectors.${composed}`;
/** The constant [I, D] of the items' vectors. */
export const VECTORS = 'features.vectors';

/** The variable [1, 1] that is added to the biases of items that were never trained. */
export const COLD_OFFSET = 'features.coldOffset';

/** The features of items by their numbers, and their vectors. */
export interface NumberedItems {
  /** F, the number of features. */
  readonly count: number;
  /** K, the most features of an item. */
  readonly perItem: number;
  /** [I × K] features of each item, then −1. */
  readonly table: Int32Array;
  /** D, the numbers of a vector; 0 without vectors. */
  readonly width?: number | undefined;
  /** [I × D] the vector of each item; zeros for none. */
  readonly vectors?: Float32Array | undefined;
}

export interface ItemFeatures extends NumberedItems {
  /** `itemFeatureScale` */
  readonly scale: number;
}

export type FeatureShape = Pick<ItemFeatures, 'count' | 'perItem' | 'scale' | 'width'>;

export interface StepFeatures extends Pick<FeatureShape, 'count' | 'perItem'> {
  readonly indices: Tensor | undefined;
  readonly vectors: Tensor | undefined;
}

/** Vectors of items [N, D]; undefined if they have none. @param items - i32 [N, 1]; all items if not given. */
export function stepVectors(
  b: StepGraph,
  { width = 0 }: FeatureShape,
  itemCount: number,
  items: Tensor | undefined,
): Tensor | undefined {
  if (width === 0) return undefined;
  const all = b.variable(VECTORS, 'constant', itemCount, width);
  return items ? b.gather(all, items) : all;
}

/** Rows of items: own row + Σ rows of the item's features + its vector · projection. */
export function withFeatureRows(
  b: StepGraph,
  table: string,
  own: Tensor,
  { count, indices, vectors }: StepFeatures,
): Tensor {
  const rows = indices
    ? b.addRows(own, b.variable(featureTable(table), 'table', count, own.cols), indices)
    : own;
  if (!vectors) return rows;
  const projection = b.variable(projectionOf(table), 'parameter', vectors.cols, own.cols);
  return b.add(rows, b.matmul(vectors, projection));
}

/** Writes the features of items, none for −1, one after the other to `out` [N × K] from `at` on; returns the end. */
export function writeFeatures(
  { table, perItem }: ItemFeatures,
  items: Int32Array,
  out: Int32Array,
  at = 0,
): number {
  let to = at;
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    if (item < 0) out.fill(-1, to, to + perItem);
    else for (let k = 0; k < perItem; k++) out[to + k] = table[item * perItem + k];
    to += perItem;
  }
  return to;
}

/** Declares the composed tables and the cold offset, which no step reads or changes, so that models have them. */
export function declareComposed(
  b: StepGraph,
  itemCount: number,
  widths: Readonly<Record<string, number>>,
): void {
  for (const [name, cols] of Object.entries(widths)) b.variable(name, 'table', itemCount, cols);
  b.variable(COLD_OFFSET, 'parameter', 1, 1);
}

/**
 * The tensors of a model whose items have only rows of their own, which are the composed ones. The optimiser's slots of own
 * rows go on as those of the composed ones. A model without features stays as it is.
 */
export function withoutFeatures<T extends { readonly name: string }>(tensors: readonly T[]): readonly T[] {
  if (!tensors.some(({ name }) => name === COLD_OFFSET)) return tensors;
  const own = composedTables.map(ownTable);
  return tensors
    .filter(({ name }) => !name.startsWith('features.') && !own.includes(name))
    .map((tensor) => ({ ...tensor, name: tensor.name.replace(/^own\./, '') }));
}
