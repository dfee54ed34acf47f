import type { SessionArrays } from '@gru4rec/batcher';
import { checkHas } from '@gru4rec/checks';
import { ItemIdTable } from '@gru4rec/dataset/ids';
import { sampleSessions } from '@gru4rec/metrics';
import type { Program } from '@gru4rec/program';
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
import {
  checkTimes,
  collectFreshClicks,
  countFreshness,
  fitFreshness,
  recentlyPopular,
  withFreshness,
  withTimes,
} from '../parts/fit-freshness.ts';
import { collectPartClicks, fitParts } from '../parts/fit-parts.ts';
import { freshVariables, isFresh } from '../parts/freshness.ts';
import type { SparsePart } from '../parts/part.ts';
import { countedNames, isPartTable, sparsePartsOf, weightsName } from '../parts/registry.ts';
import { SessionParts } from '../parts/session-parts.ts';
import { loadPrograms } from '../scoring.ts';
import type { StoredModel } from '../storage/stored-model.ts';
import { type StoredTensor, valuesOf, withValues } from '../storage/tensors.ts';
import { withColdOffset } from './cold-offset.ts';
import type { EpochRecord } from './epoch-record.ts';
import { countRecentClicks, type HeldOutClicks, holdOut, holdOutClicks } from './latest-sessions.ts';
import { loadFeatures, withClickFeatures } from './load-features.ts';
import { checkTrainOptions, type RunOptions, type TrainOptions } from './train-options.ts';
import type { PreparedData, TrainingData } from './training-data.ts';
import { TrainingRun } from './training-run.ts';
import { earlierTraining } from './training-snapshot.ts';
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
  checkTrainOptions(options);
  const config = parseConfig(isEmptyConfig(hyperParameters) ? { preset: DEFAULT_PRESET } : hyperParameters);
  const read = await withClickFeatures(data, config, options);
  return trainOn(read.data, config, { ...read.options, clickVocabulary: read.vocabulary });
}

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
  if (config.parts.includes('similar-attributes') && !features?.count && !from) {
    throw new ConfigError(
      'configuration: "parts" expected no similar-attributes without features of items, got it. ' +
        'Name columns of the items file in itemFeatures, or leave it out',
    );
  }
  const untrained = untrainedItems(config, data.support, from);
  const prepared = { ...data, itemIds, features, untrained, clickVocabulary };
  const parts = await trainInParts(prepared, config, options);
  const fresh = await withFreshness(parts, config, { ...data, itemIds, from });
  const trained = { ...fresh, tensors: await withTables(config, fresh.tensors, prepared, from) };
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

export type Trained = Pick<Gru4Rec, 'history' | 'tensors'>;

/** The most held-out sessions that are measured after each epoch, and the most to which a bias is fitted. */
const MEASURED_SESSIONS = 1000;
const FITTED_SESSIONS = 2500;
const SAMPLE_SEED = 1;

/** Trains epochs without what `holdOut` holds out, makes the fits to that, and learns it from the kept epoch. */
async function trainInParts(
  data: PreparedData,
  config: ModelConfig,
  options: TrainOptions,
): Promise<Trained> {
  const { validation, engine } = options;
  const epochsBefore = earlierTraining(options.from).epochs;
  const held = config.holdOut > 0 && !validation ? await holdOutFor(config, data.train, options) : undefined;
  const inPass = held && passOf(options, epochsBefore);
  const latest = held && { data: { ...data, train: held.pairs }, config, epochsBefore };
  if (latest && inPass) return passOver({ ...latest, options: inPass });
  const unseen = validation ?? (held?.sessions && sampleOf(held.sessions, MEASURED_SESSIONS));
  if (!unseen && config.holdOut > 0) options.onWarning?.(describeTooFew(config));
  const epochs = await runOnce(
    held ? { ...data, train: held.rest } : data,
    unseen ? config : { ...config, patience: 0 },
    { ...options, declared: config, ...(unseen && { validation: unseen }) },
  );
  const model = { config, itemIds: data.itemIds, ...epochs };
  const heldOut = validation ?? held?.sessions;
  const some = heldOut && sampleOf(heldOut, FITTED_SESSIONS);
  const withOffset = await withColdOffset(model, data, some, engine);
  const counted = held ? { ...data, train: held.rest } : data;
  const clicks = held?.ended
    ? ({ sessions: held.ended, heldOut: 'last' } as const)
    : some && { sessions: some };
  const withParts = await withFittedParts(withOffset, counted, clicks, options);
  const fitted = await withFittedFreshness(withParts, counted, heldOut, options);
  if (!latest) return { history: epochs.history, tensors: fitted.tensors };
  const { resume: _, ...rest } = options;
  const recentClicks = await countRecentClicks(counted);
  const before = new Gru4Rec({ engine, ...fitted, recentClicks, clickVocabulary: data.clickVocabulary });
  const last = epochs.history.at(-1) as EpochRecord;
  const learnerRate = some && fitLearnerRate(before, some, engine);
  const history = learnerRate ? epochs.history.with(-1, { ...last, learnerRate }) : epochs.history;
  return passOver({ ...latest, options: { ...rest, from: new Gru4Rec({ engine, ...fitted, history }) } });
}

async function holdOutFor(
  { parts, holdOut: share, nSample }: ModelConfig,
  train: TrainingData['train'],
  { from }: TrainOptions,
): Promise<HeldOutClicks | undefined> {
  // The other sessions of a step are its negatives without samples.
  const held = await holdOut(train, share, nSample === 0 ? 2 : 1);
  // A model that goes on with few sessions keeps its weights.
  if (sparsePartsOf({ parts }).length > 0 && (held || !from)) return holdOutClicks(train, held);
  return held && { ...held, pairs: held.sessions };
}

async function runOnce(data: PreparedData, config: ModelConfig, options: RunOptions): Promise<Trained> {
  const run = new TrainingRun(data, config, options);
  try {
    return await run.run();
  } finally {
    run.dispose();
  }
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

function passOf(
  options: TrainOptions,
  epochsBefore: number,
): (TrainOptions & { readonly from: Gru4Rec }) | undefined {
  const { resume, engine } = options;
  if (!resume || resume.before.epochs <= epochsBefore) return undefined;
  const { config, itemIds, history, before } = resume;
  // The run takes the tensors of the snapshot.
  const earlier = { config, itemIds, history: history.slice(0, before.epochs), tensors: [] };
  return { ...options, from: new Gru4Rec({ engine, ...earlier }) };
}

interface Pass {
  readonly data: PreparedData;
  readonly config: ModelConfig;
  readonly options: TrainOptions & { readonly from: Gru4Rec };
  readonly epochsBefore: number;
}

/** Learns the held-out sessions once, with the learning rate that the kept epoch began with. */
async function passOver({ data, config, options, epochsBefore }: Pass): Promise<Trained> {
  const epochs = options.from.history.slice(epochsBefore);
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
  // The loss of sessions that are new to a model does not say whether its training diverged.
  const { onWarning: _, onEpoch, ...rest } = options;
  const marked = (record: EpochRecord): EpochRecord => ({ ...record, heldOut: true });
  const trained = await runOnce(data, pass, {
    ...rest,
    declared: config,
    keepDiverged: true,
    ...(onEpoch && { onEpoch: (record, progress) => onEpoch(marked(record), progress) }),
  });
  return {
    ...trained,
    history: trained.history.map((record, at, { length }) => (at === length - 1 ? marked(record) : record)),
  };
}

async function withFittedFreshness(
  model: StoredModel,
  data: PreparedData,
  sessions: SessionArrays | undefined,
  { engine, from }: TrainOptions,
): Promise<StoredModel> {
  const { config, itemIds, tensors } = model;
  if (!isFresh(config) || !sessions) return model;
  const timed = withTimes(sessions);
  const firstMs = timed.times.reduce(
    (least, time) => Math.min(least, Number(time)),
    Number.POSITIVE_INFINITY,
  );
  // Sessions that began before may go on among the held-out ones.
  const before = () => countFreshness(config, { ...data, from, untilMs: firstMs });
  const load = (program: Program) => loadPrograms(engine, [program], tensors);
  const popularAt = recentlyPopular(await before(), timed);
  const some = withTimes(sampleOf(timed, FITTED_SESSIONS));
  const parts = SessionParts.open(config, tensors, itemIds.length);
  const scoring = { config, itemCount: itemIds.length, clicks: data.clicks, parts, load };
  const clicks = await collectFreshClicks(scoring, some, popularAt);
  const values = fitFreshness(await before(), timed, clicks);
  return { ...model, tensors: withValues(tensors, { [freshVariables.weights]: values }) };
}

async function withFittedParts(
  model: StoredModel,
  data: PreparedData,
  clicks: { readonly sessions: SessionArrays; readonly heldOut?: 'last' } | undefined,
  { engine, from }: TrainOptions,
): Promise<StoredModel> {
  const { config, itemIds, tensors } = model;
  if (sparsePartsOf(config).length === 0 || !clicks) return model;
  const load = (program: Program) => loadPrograms(engine, [program], tensors);
  const parts = sparsePartsOf(config).map(([, part]) => part);
  const tables = await countTables(parts, data, from);
  const scoring = { config, itemCount: itemIds.length, clicks: data.clicks, load };
  const collected = await collectPartClicks(scoring, clicks.sessions, tables, clicks.heldOut);
  const weights = fitParts(collected, config);
  const fitted = withValues(
    tensors.filter((tensor) => !isPartTable(tensor)),
    weights,
  );
  const used = partsInUse(config, fitted).flatMap(countedNames);
  return { ...model, tensors: [...fitted, ...tables.filter(({ name }) => used.includes(name))] };
}

/** Parts whose weights are not all 0. */
function partsInUse(config: ModelConfig, tensors: readonly StoredTensor[]): SparsePart[] {
  return sparsePartsOf(config)
    .filter(([name]) => valuesOf(tensors, weightsName(name)).some((weight) => weight !== 0))
    .map(([, part]) => part);
}

async function countTables(
  parts: readonly SparsePart[],
  data: PreparedData,
  from: TrainOptions['from'],
): Promise<StoredTensor[]> {
  const counted: StoredTensor[] = [];
  for (const { tables } of parts) if (tables) counted.push(...(await tables.count(data, from?.tensors)));
  return counted;
}

/** With tables counted over all sessions. Those that a fit counted are of all sessions if none were held out. */
async function withTables(
  config: ModelConfig,
  tensors: readonly StoredTensor[],
  data: PreparedData,
  from: TrainOptions['from'],
): Promise<readonly StoredTensor[]> {
  if (tensors.some(isPartTable)) return tensors;
  return [...tensors, ...(await countTables(partsInUse(config, tensors), data, from))];
}
