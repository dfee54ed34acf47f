import { findNeighbours } from '@gru4rec/batcher';
import type { ItemFeatures } from '../programs/item-features.ts';
import type { StoredTensor } from '../storage/tensors.ts';
import { emptyPairs, pairPart, pairsPerItem } from './pair-tables.ts';
import type { SparsePart } from './part.ts';

/** Features of more items say little and would cost the square of them. */
const MOST_WITH_FEATURE = 3000;

/** Items whose features are like those of the session's items; none without `itemFeatures`. */
export const similarAttributes: SparsePart = pairPart('similar-attributes', {
  slots: [],
  count: async ({ itemIds, features }) => (features ? countSimilarAttributes(features, itemIds.length) : []),
});

/** sim(i, j), the cosine of the features of both, each weighted by log(I / items that have it). None without shared features. */
export function countSimilarAttributes(
  { count, perItem, table }: Pick<ItemFeatures, 'count' | 'perItem' | 'table'>,
  itemCount: number,
): StoredTensor[] {
  const cols = pairsPerItem(itemCount);
  if (cols === 0 || count === 0) return [];
  const itemsWith = new Int32Array(count);
  for (const feature of table) if (feature >= 0) itemsWith[feature]++;
  const counts = (feature: number) => feature >= 0 && itemsWith[feature] <= MOST_WITH_FEATURE;
  const offsets = new Int32Array(count + 1);
  for (let feature = 0; feature < count; feature++) {
    offsets[feature + 1] = offsets[feature] + (counts(feature) ? itemsWith[feature] : 0);
  }
  const members = new Int32Array(offsets[count]);
  const next = offsets.slice();
  for (const [at, feature] of table.entries()) {
    if (counts(feature)) members[next[feature]++] = Math.floor(at / perItem);
  }
  const weigh = (items: number) => Math.log(itemCount / Math.max(1, items)) ** 2;
  const similar = findNeighbours({ offsets, members }, itemCount, { neighbours: cols, lambda: 0, weigh });
  const tables = emptyPairs('similar-attributes', itemCount, cols);
  for (let item = 0; item < itemCount; item++) {
    const [start, end] = [similar.offsets[item], similar.offsets[item + 1]];
    tables[0].values.set(similar.items.subarray(start, end), item * cols);
    tables[1].values.set(similar.similarities.subarray(start, end), item * cols);
  }
  return tables;
}
