import type { SessionArrays } from '@gru4rec/batcher';
import { sampleSessions } from '@gru4rec/metrics';
import type { Program } from '@gru4rec/program';
import type { ModelConfig } from '../config.ts';
import { freshVariables } from '../freshness.ts';
import { Gru4Rec } from '../gru4rec.ts';
import { repeatVariables } from '../programs/repeats.ts';
import { loadPrograms } from '../scoring.ts';
import type { StoredModel } from '../storage/stored-model.ts';
import type { StoredTensor } from '../storage/stored-tensor.ts';
import { withColdOffset } from './cold-offset.ts';
import { countFreshness, withTimes } from './count-freshness.ts';
import { earlierTraining } from './cursor.ts';
import type { EpochRecord } from './epoch-record.ts';
import { fitFreshness } from './fit-freshness.ts';
import { fitRepeats } from './fit-repeats.ts';
import { collectFreshClicks, recentlyPopular } from './fresh-clicks.ts';
import { holdOut } from './hold-out.ts';
import { collectRepeatClicks } from './repeat-clicks.ts';
import type { RunOptions, TrainOptions } from './train-options.ts';
import type { PreparedData } from './training-data.ts';
import { TrainingRun } from './training-run.ts';
import { turns } from './turns.ts';

/** What training gives. */
export type Trained = Pick<Gru4Rec, 'history' | 'tensors'>;

/** The most held-out sessions that are measured after each epoch, and the most to which a bias is fitted. */
const MEASURED_SESSIONS = 1000;
const FITTED_SESSIONS = 2500;
const SAMPLE_SEED = 1;

/**
 * Trains in up to three parts: epochs, without the sessions of `holdOut`; the fits to these; and a pass over
 * the held-out sessions from the parameters of the epoch that was kept.
 *
 * @throws as `train`.
 */
export async function trainInParts(
  data: PreparedData,
  config: ModelConfig,
  options: TrainOptions,
): Promise<Trained> {
  const { validation, engine } = options;
  const epochsBefore = earlierTraining(options.from).epochs;
  // The other sessions of a step are its negatives without samples.
  const least = config.nSample === 0 ? 2 : 1;
  const held =
    config.holdOut > 0 && !validation ? await holdOut(data.train, config.holdOut, least) : undefined;
  const inPass = held && passOf(options, epochsBefore);
  const latest = held && { data: { ...data, train: held.sessions }, config, epochsBefore };
  if (latest && inPass) return passOver({ ...latest, options: inPass });
  const unseen = validation ?? (held && sampleOf(held.sessions, MEASURED_SESSIONS));
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
  const withBias = await withFittedBias(withOffset, data, some, engine);
  const counted = held ? { ...data, train: held.rest } : data;
  const fitted = await withFittedFreshness(withBias, counted, heldOut, options);
  if (!latest) return { history: epochs.history, tensors: fitted.tensors };
  const { resume: _, ...rest } = options;
  return passOver({ ...latest, options: { ...rest, from: new Gru4Rec({ engine, ...fitted }) } });
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

/** The options of the pass over held-out sessions; undefined unless `resume` was saved in it. */
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

/** A pass over held-out sessions. */
interface Pass {
  readonly data: PreparedData;
  readonly config: ModelConfig;
  /** `from` has the parameters of the kept epoch. */
  readonly options: TrainOptions & { readonly from: Gru4Rec };
  /** Epochs of the model that the training continues. */
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
    ...{ nEpochs: 1, patience: 0, averageDecay: 0, warmupSteps: 0, learningRateDecay: 'none' },
    learningRate: config.learningRate * share,
  };
  // The loss of sessions that are new to a model does not say whether its training diverged.
  const { onWarning: _, onEpoch, ...rest } = options;
  const marked = (record: EpochRecord): EpochRecord => ({ ...record, heldOut: true });
  const trained = await runOnce(data, pass, {
    ...rest,
    ...{ declared: config, keepDiverged: true },
    ...(onEpoch && { onEpoch: (record, progress) => onEpoch(marked(record), progress) }),
  });
  return {
    ...trained,
    history: trained.history.map((record, at, { length }) => (at === length - 1 ? marked(record) : record)),
  };
}

/** A model whose freshness is fitted to sessions that it has not seen; the same model without freshness. */
async function withFittedFreshness(
  model: StoredModel,
  data: PreparedData,
  sessions: SessionArrays | undefined,
  { engine, from }: TrainOptions,
): Promise<StoredModel> {
  const { config, itemIds, tensors } = model;
  if (config.freshness === 'none' || !sessions) return model;
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
  const scoring = { config, itemCount: itemIds.length, clicks: data.clicks, load };
  const clicks = await collectFreshClicks(scoring, some, popularAt, turns());
  const values = fitFreshness(await before(), timed, clicks);
  const isWeights = ({ name }: StoredTensor) => name === freshVariables.weights;
  return { ...model, tensors: tensors.map((tensor) => (isWeights(tensor) ? { ...tensor, values } : tensor)) };
}

/** A model with the repeat bias that fits sessions it has not seen; the same model if its bias is not `auto`. */
async function withFittedBias(
  model: StoredModel,
  { clicks: shape }: PreparedData,
  sessions: SessionArrays | undefined,
  engine: TrainOptions['engine'],
): Promise<StoredModel> {
  const { config, itemIds, tensors } = model;
  if (config.repeatBias !== 'auto' || !sessions) return model;
  const load = (program: Program) => loadPrograms(engine, [program], tensors);
  const scoring = { config, itemCount: itemIds.length, clicks: shape, load };
  const clicks = await collectRepeatClicks(scoring, sessions, turns());
  const values = fitRepeats(clicks, config.repeatLength);
  const isBias = ({ name }: StoredTensor) => name === repeatVariables.bias;
  return { ...model, tensors: tensors.map((tensor) => (isBias(tensor) ? { ...tensor, values } : tensor)) };
}
