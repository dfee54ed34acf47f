import { ConfigError, type ModelConfig } from '../config.ts';
import type { Gru4Rec } from '../gru4rec.ts';
import type { TrainedFeatures, TrainingData } from './training-data.ts';

/**
 * The features and vectors of the items of a training; undefined without `itemFeatures` and `itemVectors`. A training that
 * continues a model keeps its vocabulary: a value that is new since then is rare in a column with rare values, else left out.
 *
 * @throws ConfigError if the data have none.
 */
export async function loadFeatures(
  { itemFeatures: load, itemIds }: TrainingData,
  { itemFeatures: columns, itemVectors, itemFeatureScale: scale }: ModelConfig,
  from: Gru4Rec | undefined,
): Promise<TrainedFeatures | undefined> {
  if (columns.length === 0 && itemVectors.length === 0) return undefined;
  const encoded = await load?.(columns, from?.vocabulary, itemVectors);
  if (!encoded) {
    const key = columns.length > 0 ? 'itemFeatures' : 'itemVectors';
    throw new ConfigError(
      `configuration: "${key}" expected a dataset with an items file, got one without. ` +
        `Prepare it with option "items", or set ${key} to []`,
    );
  }
  const { count, perItem, table, width = 0, vectors } = encoded;
  const expected = itemIds.length * perItem;
  if ((columns.length > 0 && count === 0) || table.length !== expected) {
    throw new RangeError(
      `train: "itemFeatures" expected features and ${expected} places, got ${count} and ${table.length}`,
    );
  }
  if ((vectors?.length ?? 0) !== itemIds.length * width || width > 0 !== itemVectors.length > 0) {
    throw new RangeError(
      `train: "itemVectors" expected ${itemIds.length} vectors, got ${vectors?.length ?? 0} numbers of width ${width}`,
    );
  }
  return { ...encoded, scale, vectors: width > 0 ? vectors : undefined };
}
