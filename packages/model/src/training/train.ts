import type { SessionArrays } from '@gru4rec/batcher';
import { type Batcher, SessionParallelBatcher, StreamedBatcher } from '@gru4rec/batcher';
import { ItemIdTable } from '@gru4rec/item-ids';
import type { Engine, Runtime } from '@gru4rec/program';
import { PopularitySampler } from '@gru4rec/sampler';
import { type ModelConfig, stepConfig } from '../config.ts';
import { Gru4Rec } from '../gru4rec.ts';
import { buildTrainProgram, buildZeroLossProgram } from '../programs/build-train-program.ts';
import { detachedTensors } from '../storage/stored-tensor.ts';
import { checkResumed } from './check-resumed.ts';
import { writeContinued } from './continue.ts';
import { dataChecksum } from './data-checksum.ts';
import { buildValidationProgram, EarlyStopping } from './early-stopping.ts';
import type { EpochRecord } from './epoch-record.ts';
import { EpochRun, type StepProgress } from './epoch-run.ts';
import { checkFiniteVariables } from './finite-variables.ts';
import { initializeVariables } from './initialize.ts';
import { mergerFor } from './merged-samples.ts';
import { type CheckpointOptions, Pauses } from './pauses.ts';
import { areOnDisk, type TrainingData } from './training-data.ts';
import {
  type EarlierTraining,
  type EngineFacts,
  type RunIdentity,
  restoreTensors,
  snapshotTensors,
  type TrainingCursor,
  type TrainingSnapshot,
} from './training-snapshot.ts';
import { TrainingStep } from './training-step.ts';
import { trainingWarning } from './training-warning.ts';
import { ZeroLoss } from './zero-loss.ts';

/** How a training run reports, what it validates on and goes on from. */
export interface TrainOptions {
  readonly engine: Engine;
  readonly onEpoch?: (record: EpochRecord) => void;
  /** Called about ten times a second. */
  readonly onStep?: (progress: StepProgress) => void;
  /** Called at the end, with a sentence, if the model's loss shows that it has learnt nothing or that training diverges. */
  readonly onWarning?: (message: string) => void;
  /** Held-out sessions that pick the best epoch, with `patience` alone. */
  readonly validation?: SessionArrays;
  /** A model to go on from, for `nEpochs` more. `data.itemIds` must start with its items; see `alignItems`. */
  readonly from?: Gru4Rec;
  /** Saves snapshots of the run, so that it can be resumed. */
  readonly checkpoint?: CheckpointOptions;
  /** Where an interrupted run stood: it ends as if it had not been. All other arguments must be what they were. */
  readonly resume?: TrainingSnapshot;
  /**
   * Lets `resume` go on on another engine, or with other `engineFacts`: the model is then that of an undisturbed run up
   * to the engines' rounding, no longer bit for bit.
   */
  readonly anyEngine?: boolean;
  /** Stops training between two steps of it or of a validation; it is heard every tenth of a second. */
  readonly signal?: AbortSignal;
  /** What the bits depend on besides the engine's name; a resumed run must have the same, unless `anyEngine`. */
  readonly engineFacts?: EngineFacts;
}

/**
 * Trains a model. The same data, configuration and engine give the same model, interrupted and resumed or not, with
 * sessions in memory or read from disk.
 *
 * @returns the trained model, with its optimiser state; with `patience`, as it was after its best epoch.
 * @throws NonFiniteLossError naming epoch, step and last finite loss, NonFiniteParameterError naming what else is not.
 * @throws TrainingStopped naming epoch and step, when `signal` stopped it and the snapshot was saved.
 * @throws what `data.train.read` throws.
 * @throws RangeError if there is nothing to train on, `support` does not fit the items, `patience` has nothing to
 *   validate on, `from` or `resume` does not fit, an item id is there twice, or the last step left a parameter that is not finite.
 */
export async function train(
  given: TrainingData,
  config: ModelConfig,
  options: TrainOptions,
): Promise<Gru4Rec> {
  const data = { ...given, itemIds: ItemIdTable.of(given.itemIds) };
  checkArguments(data, config, options);
  const { engine, from, resume } = options;
  let known: RunIdentity | undefined;
  const identity = (): RunIdentity => (known ??= identityOf(data, config, options));
  if (resume) checkResumed(resume, identity(), options.anyEngine);
  const itemCount = data.itemIds.length;
  const step = stepConfig(config);
  const negatives = negativesOf(data, config);
  const merger = mergerFor(negatives, Number(config.nSample));
  const programs = [buildTrainProgram(step, itemCount), buildZeroLossProgram(step, itemCount)];
  if (merger) programs.push(buildTrainProgram(step, itemCount, merger.items.length));
  const validation = config.patience > 0 ? options.validation : undefined;
  if (validation) programs.push(buildValidationProgram(validation, config, itemCount));
  const runtime = engine.load(programs);
  try {
    initializeVariables(runtime, data.support, config);
    if (resume) restoreTensors(runtime, resume.tensors);
    else if (from) writeContinued(runtime, from, { config, itemIds: data.itemIds });
    const parts = {
      runtime,
      negatives,
      identity,
      step: new TrainingStep(runtime, step, { dropoutSeed: config.seed, merger }),
    };
    const run = await runEpochs(parts, data, config, options);
    return new Gru4Rec({ config, engine, itemIds: data.itemIds, ...run });
  } finally {
    runtime.dispose();
  }
}

function checkArguments(data: TrainingData, config: ModelConfig, { validation }: TrainOptions): void {
  if (data.support.length !== data.itemIds.length) {
    throw new RangeError(
      `train: "support" expected ${data.itemIds.length} entries, one an item id, got ${data.support.length}`,
    );
  }
  if (config.patience > 0 && !validation) {
    throw new RangeError(
      'train: "validation" expected held-out sessions with patience > 0, got none. Split some off, or set patience to 0.',
    );
  }
}

function earlierTraining(from: Gru4Rec | undefined): EarlierTraining {
  const history = from?.history ?? [];
  return {
    epochs: history.at(-1)?.epoch ?? 0,
    steps: history.reduce((sum, { steps }) => sum + steps, 0),
  };
}

function identityOf(
  data: TrainingData,
  config: ModelConfig,
  { engine, engineFacts, validation, from }: TrainOptions,
): RunIdentity {
  return {
    config,
    itemIds: data.itemIds,
    data: dataChecksum(data, config.patience > 0 ? validation : undefined),
    engine: { ...engineFacts, engine: engine.name },
    before: earlierTraining(from),
  };
}

/** What a run computes with. */
interface RunParts {
  readonly runtime: Runtime;
  /** Hashes the data when it is first called. */
  readonly identity: () => RunIdentity;
  readonly negatives: PopularitySampler | undefined;
  readonly step: TrainingStep;
}

function batcherOf({ train: sessions }: TrainingData, config: ModelConfig): Batcher {
  const { batchSize, nSample, seed, sessionOrder: order } = config;
  const options = { batchSize, order, seed, minLiveSlots: nSample === 0 ? 2 : 1 };
  const batcher = areOnDisk(sessions)
    ? new StreamedBatcher({ ...options, data: sessions })
    : new SessionParallelBatcher({ ...options, ...sessions });
  if (batcher.usedSessions >= options.minLiveSlots) return batcher;
  throw new RangeError(
    nSample === 0
      ? 'train: expected two or more sessions of two or more events, as nSample is 0, got fewer.'
      : 'train: expected sessions of two or more events, got none. Nothing follows anything.',
  );
}

function negativesOf(data: TrainingData, config: ModelConfig): PopularitySampler | undefined {
  if (config.nSample === 0 || config.nSample === 'all') return undefined;
  return new PopularitySampler({ support: data.support, alpha: config.sampleAlpha, seed: config.seed });
}

async function runEpochs(
  { runtime, negatives, step, identity }: RunParts,
  data: TrainingData,
  config: ModelConfig,
  options: TrainOptions,
): Promise<Pick<Gru4Rec, 'history' | 'tensors'>> {
  const { from, resume, checkpoint, signal } = options;
  const before = earlierTraining(from);
  const batcher = batcherOf(data, config);
  const stopping =
    config.patience > 0 && options.validation
      ? new EarlyStopping(runtime, options.validation, config, data.itemIds.length)
      : undefined;
  if (resume) await batcher.restore(resume.batcher);
  if (resume?.stopping) stopping?.restore(resume.stopping);
  const history: EpochRecord[] = [...((resume ?? from)?.history ?? [])];
  const snapshot = (cursor: TrainingCursor): TrainingSnapshot => ({
    ...identity(),
    ...cursor,
    history: [...history],
    batcher: batcher.position(),
    stopping: stopping?.state(),
    tensors: snapshotTensors(runtime),
  });
  const pauses = new Pauses({ checkpoint, signal, snapshot, steps: resume?.steps ?? 0 });
  const zeroLoss = new ZeroLoss(runtime, config);
  const parts = { step, batcher, negatives, config, before, pauses, zeroLoss, resumed: resume };
  const epochRun = new EpochRun(parts);
  const first = resume?.epoch.epoch ?? before.epochs + 1;
  for (let epoch = first; epoch <= before.epochs + config.nEpochs; epoch++) {
    const trained = await epochRun.run(epoch, options.onStep);
    checkFiniteVariables(runtime, epoch);
    const validation = await stopping?.observe(epoch, () => epochRun.pauseBetween());
    const record = validation ? { ...trained, validation } : trained;
    history.push(record);
    options.onEpoch?.(record);
    if (stopping?.over) break;
  }
  const best = stopping?.best;
  const marked = history.map((r) => (r.epoch === best?.epoch ? { ...r, kept: true as const } : r));
  const epochs = marked.filter(({ epoch }) => epoch > before.epochs);
  const warning = trainingWarning({ epochs, zeroLoss: zeroLoss.mean });
  if (warning !== undefined) options.onWarning?.(warning);
  return { history: marked, tensors: best?.tensors ?? detachedTensors(runtime) };
}
