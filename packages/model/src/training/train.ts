import { checkHas } from '@gru4rec/checked-options';
import { ItemIdTable } from '@gru4rec/item-ids';
import { isEmptyConfig, type ModelConfig, type ModelConfigInput, parseConfig } from '../config.ts';
import { Gru4Rec } from '../gru4rec.ts';
import { DEFAULT_PRESET } from '../presets.ts';
import type { StoredModel } from '../storage/stored-model.ts';
import { untrainedItems } from './compose-rows.ts';
import { checkTimes, withFreshness } from './count-freshness.ts';
import { checkValidation } from './early-stopping.ts';
import { withClickFeatures } from './load-click-features.ts';
import { loadFeatures } from './load-features.ts';
import { countRecentClicks } from './recent-clicks.ts';
import { checkTrainOptions, type TrainOptions } from './train-options.ts';
import type { PreparedData, TrainingData } from './training-data.ts';
import { trainInParts } from './training-parts.ts';

/**
 * Trains a model. The same data, configuration and engine give the same model, whether the run was interrupted and
 * resumed, and whether its sessions were in memory or read from disk.
 *
 * @param hyperParameters - absent ones take the values of `preset`, or without one their defaults. If there is no
 *   hyper-parameter at all, the preset is `best`.
 * @returns the trained model, with its optimiser state; with `patience`, as it was after its best epoch; with `holdOut`,
 *   after one more pass over the held-out sessions.
 * @throws ConfigError naming every wrong hyper-parameter, or `itemFeatures`, `clickFeatures` or `targetTypes` if the data
 *   have none of them.
 * @throws NonFiniteLossError naming epoch, step and last finite loss; NonFiniteParameterError naming the variable.
 * @throws DivergedError if the loss ended at more than 1.1 times that of all-zero scores or of the first epoch, unless
 *   `keepDiverged`.
 * @throws TrainingStopped naming epoch and step, when `signal` stopped the run and its checkpoint was saved.
 * @throws what `data.train.read` throws.
 * @throws RangeError if there is nothing to train on, `support` does not fit the items, `patience` or `repeatBias` "auto"
 *   or freshness has neither `validation` nor `holdOut`, freshness has sessions without times, `monitor.every` is not an
 *   integer ≥ 1, or `from` or `resume` does not fit.
 * @throws ItemIdError if an item id occurs twice.
 */
export async function train(
  data: TrainingData,
  hyperParameters: ModelConfigInput,
  options: TrainOptions,
): Promise<Gru4Rec> {
  checkHas('train', 'data', data, ['itemIds', 'support', 'train']);
  checkTrainOptions(options);
  const config = parseConfig(isEmptyConfig(hyperParameters) ? { preset: DEFAULT_PRESET } : hyperParameters);
  const read = await withClickFeatures(data, config, options);
  return trainOn(read.data, config, { ...read.options, clickVocabulary: read.vocabulary });
}

/** Trains on sessions whose context is what steps read. */
async function trainOn(
  data: PreparedData,
  config: ModelConfig,
  { clickVocabulary, ...options }: TrainOptions & Pick<StoredModel, 'clickVocabulary'>,
): Promise<Gru4Rec> {
  const itemIds = ItemIdTable.of(data.itemIds);
  checkSupport(data);
  checkValidation(config, options.validation);
  checkTimes(config, data.train, options.validation);
  const { from, engine } = options;
  const features = await loadFeatures({ ...data, itemIds }, config, from);
  const untrained = untrainedItems(config, data.support, from);
  const parts = await trainInParts({ ...data, itemIds, features, untrained }, config, options);
  const trained = await withFreshness(parts, config, { ...data, itemIds, from });
  const recentClicks = await countRecentClicks(data);
  const vocabularies = { vocabulary: features?.vocabulary, clickVocabulary };
  return new Gru4Rec({ config, engine, itemIds, recentClicks, ...vocabularies, ...trained });
}

function checkSupport({ itemIds, support }: TrainingData): void {
  if (support.length === itemIds.length) return;
  throw new RangeError(
    `train: "support" expected ${itemIds.length} entries, one per item id, got ${support.length}`,
  );
}
