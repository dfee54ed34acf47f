import type { SessionArrays } from '@gru4rec/batcher';
import { checkHas, checkOptions } from '@gru4rec/checks';
import { ItemIdTable } from '@gru4rec/dataset/ids';
import { sampleSessions } from '@gru4rec/metrics';
import {
  ConfigError,
  isEmptyConfig,
  type ModelConfig,
  type ModelConfigInput,
  parseConfig,
} from '../config.ts';
import { Gru4Rec } from '../gru4rec.ts';
import { untrainedItems } from '../item-rows.ts';
import { fitLearnerRate } from '../learning/learner-rate.ts';
import { DEFAULT_PRESET } from '../model-config.ts';
import { withFittedEarlier } from '../parts/fit-earlier.ts';
import { checkTimes, withFittedFreshness, withFreshness } from '../parts/fit-freshness.ts';
import { withFittedParts, withTables } from '../parts/fit-parts.ts';
import { sparsePartsOf } from '../parts/registry.ts';
import type { StoredModel } from '../storage/stored-model.ts';
import { withColdOffset } from './cold-offset.ts';
import type { EpochRecord } from './epoch-record.ts';
import { type FitOptions, withRecorded } from './fitting.ts';
import { countRecentClicks, type HeldOutClicks, holdOut, holdOutClicks } from './latest-sessions.ts';
import { loadFeatures, withClickFeatures } from './load-features.ts';
import { type RunOptions, type TrainOptions, trainChecks } from './train-options.ts';
import type { PreparedData, TrainingData } from './training-data.ts';
import { TrainingRun } from './training-run.ts';
import { earlierTraining } from './training-snapshot.ts';
import { countTrending } from './trending.ts';
import { checkValidation } from './validation.ts';

/**
 * Trains a model. The same data, configuration and engine give the same model, whether the run was interrupted and resumed, and
 * whether its sessions were in memory or read from disk.
 * @param hyperParameters - absent ones take the values of `preset`, or without one their defaults. If there is no hyper-parameter
 *   at all, the preset is `best`.
 * @returns the trained model, with its optimiser state; with `patience`, as it was after its best epoch; with `holdOut`, after
 *   one more pass over the held-out sessions.
 * @throws ConfigError naming every wrong hyper-parameter, or `itemFeatures`, `clickFeatures` or `targetTypes` if the data have
 *   none of them.
 * @throws NonFiniteLossError naming epoch, step and last finite loss; NonFiniteParameterError naming the variable.
 * @throws DivergedError if the loss ended at more than 1.1 times that of all-zero scores or of the first epoch, unless
 *   `keepDiverged`.
 * @throws TrainingStopped naming epoch and step, when `signal` stopped the run and its checkpoint was saved.
 * @throws RangeError if there is nothing to train on, `support` does not fit the items, `patience` or the
 *   fit of parts has neither `validation` nor `holdOut`, freshness has sessions without times, or `from` or `resume` does not fit.
 */
export async function train(
  data: TrainingData,
  hyperParameters: ModelConfigInput,
  options: TrainOptions,
): Promise<Gru4Rec> {
  checkHas('train', 'data', data, ['itemIds', 'support', 'train']);
  checkOptions('train', options, trainChecks);
  const config = parseConfig(isEmptyConfig(hyperParameters) ? { preset: DEFAULT_PRESET } : hyperParameters);
  const training = await prepare(data, config, options);
  const split = await planSplit(training);
  const fitted = split.resumed ?? (await applyFits(split, await fitEpochs(training, split)));
  return finish(training, await learnHeldOut(training, split, fitted));
}

interface Training {
  readonly data: PreparedData;
  readonly config: ModelConfig;
  readonly options: TrainOptions;
}

/** Which sessions are for the epochs, for the fits and for the last pass. */
interface Split extends FitOptions {
  /** What the last pass learns. */
  readonly heldOut: HeldOutClicks['pairs'] | undefined;
  /** The model that the last pass began with, if a run is resumed in that pass. */
  readonly resumed: StoredModel | undefined;
}

async function prepare(data: TrainingData, config: ModelConfig, options: TrainOptions): Promise<Training> {
  const read = await withClickFeatures(data, config, options);
  const identified = { ...read.data, itemIds: ItemIdTable.of(data.itemIds) };
  const { from, validation } = read.options;
  checkSupport(identified);
  checkValidation(config, validation);
  checkTimes(config, identified.train, validation);
  const features = await loadFeatures(identified, config, from);
  if (config.parts.includes('similar-attributes') && !features?.count && !from) {
    throw new ConfigError(
      'configuration: "parts" expected no similar-attributes without features of items, got it. ' +
        'Name columns of the items file in itemFeatures, or leave it out',
    );
  }
  const untrained = untrainedItems(config, data.support, from);
  return { data: { ...identified, features, untrained }, config, options: read.options };
}

function checkSupport({ itemIds, support }: TrainingData): void {
  if (support.length === itemIds.length) return;
  throw new RangeError(
    `train: "support" expected ${itemIds.length} entries, one per item id, got ${support.length}`,
  );
}

async function planSplit({ data, config, options }: Training): Promise<Split> {
  const { validation, from, engine } = options;
  const held = config.holdOut > 0 && !validation ? await holdOutFor(config, data.train, from) : undefined;
  const unseen = validation ?? held?.sessions;
  return {
    data: { ...data, train: held?.rest ?? data.train },
    unseen,
    few: unseen && sampleOf(unseen, FITTED_SESSIONS),
    ended: held?.ended,
    heldOut: held?.pairs,
    resumed: held && resumedPass(options),
    engine,
    from,
  };
}

async function holdOutFor(
  { parts, holdOut: share, nSample }: ModelConfig,
  train: TrainingData['train'],
  from: Gru4Rec | undefined,
): Promise<HeldOutClicks | undefined> {
  // The other sessions of a step are its negatives without samples.
  const held = await holdOut(train, share, nSample === 0 ? 2 : 1);
  // A model that goes on with few sessions keeps its weights.
  if (sparsePartsOf({ parts }).length > 0 && (held || !from)) return holdOutClicks(train, held);
  return held && { ...held, pairs: held.sessions };
}

function resumedPass({ resume, from }: TrainOptions): StoredModel | undefined {
  if (!resume || resume.before.epochs <= earlierTraining(from).epochs) return undefined;
  const { config, itemIds, history, before } = resume;
  // The run takes the tensors of the snapshot.
  return { config, itemIds, history: history.slice(0, before.epochs), tensors: [] };
}

/** The most held-out sessions that are measured after each epoch, and the most to which a bias is fitted. */
const MEASURED_SESSIONS = 1000;
const FITTED_SESSIONS = 2500;
const SAMPLE_SEED = 1;

async function fitEpochs({ config, options }: Training, { data, unseen }: Split): Promise<StoredModel> {
  const validation = options.validation ?? (unseen && sampleOf(unseen, MEASURED_SESSIONS));
  if (!validation && config.holdOut > 0) options.onWarning?.(describeTooFew(config));
  const measured = validation ? config : { ...config, patience: 0 };
  const epochs = await runOnce(data, measured, { ...options, declared: config, validation });
  return { config, itemIds: data.itemIds, ...epochs };
}

function sampleOf(sessions: SessionArrays, size: number): SessionArrays {
  return sampleSessions(sessions, { size, seed: SAMPLE_SEED });
}

function describeTooFew({ holdOut: share, nEpochs }: ModelConfig): string {
  return (
    `holdOut ${share} of the sessions are too few to measure on: ` +
    `training takes all sessions and all ${nEpochs} epochs`
  );
}

async function runOnce(data: PreparedData, config: ModelConfig, options: RunOptions): Promise<Trained> {
  const run = new TrainingRun(data, config, options);
  try {
    return await run.run();
  } finally {
    run.dispose();
  }
}

async function applyFits(split: Split, epochs: StoredModel): Promise<StoredModel> {
  const withOffset = await withColdOffset(epochs, split);
  const withParts = await withFittedParts(withOffset, split);
  const fitted = await withFittedFreshness(withParts, split);
  const withEarlier = await withFittedEarlier(fitted, split);
  return split.heldOut ? withLearnerRate(withEarlier, split) : withEarlier;
}

async function withLearnerRate(model: StoredModel, { data, few, engine }: FitOptions): Promise<StoredModel> {
  if (!few) return model;
  const recentClicks = await countRecentClicks(data);
  const { clickVocabulary } = data;
  const before = new Gru4Rec({ ...model, engine, recentClicks, clickVocabulary });
  return withRecorded(model, { learnerRate: fitLearnerRate(before, few, engine) });
}

export type Trained = Pick<Gru4Rec, 'history' | 'tensors'>;

/** Learns the held-out sessions once, with the learning rate that the kept epoch began with. */
async function learnHeldOut(
  { data, config, options }: Training,
  { heldOut, resumed }: Split,
  fitted: StoredModel,
): Promise<Trained> {
  if (!heldOut) return fitted;
  const { from, engine, resume, onEpoch } = options;
  const epochs = fitted.history.slice(earlierTraining(from).epochs);
  const kept = epochs.findIndex((record) => record.kept);
  const ended = kept < 0 ? epochs.length - 1 : kept;
  const share = config.learningRateDecay === 'linear' ? 1 - ended / config.nEpochs : 1;
  const pass: ModelConfig = {
    ...config,
    nEpochs: 1,
    patience: 0,
    averageDecay: 0,
    warmupSteps: 0,
    learningRateDecay: 'none',
    learningRate: config.learningRate * share,
  };
  const marked = (record: EpochRecord): EpochRecord => ({ ...record, heldOut: true });
  const { history, tensors } = await runOnce({ ...data, train: heldOut }, pass, {
    ...options,
    from: new Gru4Rec({ ...fitted, engine }),
    resume: resumed && resume,
    declared: config,
    // The loss of sessions that are new to a model does not say whether its training diverged.
    keepDiverged: true,
    onWarning: undefined,
    onEpoch: onEpoch && ((record, progress) => onEpoch(marked(record), progress)),
  });
  return { history: history.with(-1, marked(history.at(-1) as EpochRecord)), tensors };
}

async function finish(
  { data, config, options: { from, engine } }: Training,
  { history, tensors }: Trained,
): Promise<Gru4Rec> {
  const { itemIds, features, clickVocabulary } = data;
  const fresh = await withFreshness(tensors, config, { ...data, from });
  return new Gru4Rec({
    config,
    engine,
    itemIds,
    history,
    tensors: await withTables(config, fresh, { data, from }),
    recentClicks: await countRecentClicks(data),
    trending: await countTrending(data),
    vocabulary: features?.vocabulary,
    clickVocabulary,
  });
}
