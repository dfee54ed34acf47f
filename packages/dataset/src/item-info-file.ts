import { join } from 'node:path';
import { type ItemIds, ItemIdTable } from './ids/index.ts';
import {
  FeatureVocabulary,
  ITEM_INFO_FILE,
  type ItemInfo,
  ItemInfoTable,
  learnFeatures,
} from './items/index.ts';
import { type DatasetManifest, openChecked } from './manifest.ts';

export type ItemInfoSource = (itemIds: ItemIdTable) => AsyncIterable<Uint8Array>;

/** @returns its bytes, fresh; undefined if the dataset has none. @throws DataError naming the file. */
export async function readItemInfo(
  directory: string,
  { itemInfo }: DatasetManifest,
): Promise<Uint8Array | undefined> {
  if (itemInfo === undefined) return undefined;
  const { handle } = await openChecked(directory, ITEM_INFO_FILE, itemInfo);
  try {
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** The features of a dataset's items, numbered by a vocabulary, and their vectors. */
export interface EncodedItems {
  /** A `FeatureVocabulary` as JSON. */
  readonly vocabulary: Readonly<Record<string, unknown>>;
  /** F, the number of features. */
  readonly count: number;
  /** K, the most features of an item. */
  readonly perItem: number;
  /** [I × K] features of each item, ascending, then −1. */
  readonly table: Int32Array;
  /** D, the numbers of a vector; 0 without vectors. */
  readonly width: number;
  /** [I × D] the vector of each item; zeros for none. */
  readonly vectors: Float32Array;
}

/** Reads the features of items by columns of the items file; see `SessionDataset.itemFeatures`. */
export type ReadItemFeatures = (
  columns: readonly string[],
  vocabulary?: Readonly<Record<string, unknown>>,
  vectors?: readonly string[],
) => Promise<EncodedItems | undefined>;

/** A new vocabulary is learnt from the items with training clicks. */
export function itemFeaturesOf(
  directory: string,
  manifest: DatasetManifest,
  { itemIds, support }: { readonly itemIds: ItemIds; readonly support: Int32Array },
): ReadItemFeatures {
  return async (columns, known, vectorColumns) => {
    const bytes = await readItemInfo(directory, manifest);
    if (!bytes) return undefined;
    const info = ItemInfoTable.of(bytes, ItemIdTable.of(itemIds), join(directory, ITEM_INFO_FILE));
    const vocabulary = known
      ? FeatureVocabulary.fromJSON(known)
      : learnFeatures(columns, () => clickedItems(info, support), vectorColumns);
    const { size: count, mostPerItem: perItem } = vocabulary;
    const width = vocabulary.vectors?.width ?? 0;
    const table = new Int32Array(itemIds.length * perItem).fill(-1);
    const vectors = new Float32Array(itemIds.length * width);
    for (let item = 0; item < itemIds.length; item++) {
      const own = info.at(item);
      table.set(vocabulary.encode(own), item * perItem);
      if (own && width > 0) vectors.set(vocabulary.vector(itemIds.at(item) ?? '', own), item * width);
    }
    return { vocabulary: { ...vocabulary.toJSON() }, count, perItem, table, width, vectors };
  };
}

function* clickedItems(info: ItemInfoTable, support: Int32Array): Generator<ItemInfo | undefined> {
  for (const [item, clicks] of support.entries()) if (clicks > 0) yield info.at(item);
}
