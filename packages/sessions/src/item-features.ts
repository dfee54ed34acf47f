import { join } from 'node:path';
import type { ItemIds } from '@gru4rec/item-ids';
import { ItemIdTable } from '@gru4rec/item-ids';
import { FeatureVocabulary, type ItemInfo, ItemInfoTable } from '@gru4rec/item-info';
import { ITEM_INFO_FILE, readItemInfo } from './item-info-file.ts';
import type { DatasetManifest } from './manifest.ts';

/** The features of a dataset's items, numbered by a vocabulary, and their vectors. */
export interface EncodedItems {
  /** Of the package item-info, as JSON. */
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

/** What reads the features of a dataset's items. A new vocabulary is learnt from the items with training clicks. */
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
      : FeatureVocabulary.learn(columns, () => clickedItems(info, support), vectorColumns);
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
