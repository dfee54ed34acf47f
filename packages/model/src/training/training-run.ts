import type { Batch, Batcher } from '@gru4rec/batcher';
import type { Runtime, RuntimeArray } from '@gru4rec/program';
import type { ModelConfig } from '../config.ts';
import type { Gru4Rec } from '../gru4rec.ts';
import { clearUntrained, composedRows, writeComposed } from '../item-rows.ts';
import { VECTORS } from '../programs/item-features.ts';
import { type StoredTensor, valuesOf, withValues } from '../storage/tensors.ts';
import { Checkpointer, turns } from './checkpointer.ts';
import { writeContinued } from './continue.ts';
import {
  checkFiniteVariables,
  DivergedError,
  NonFiniteLossError,
  trainingWarning,
  ZeroLoss,
} from './divergence.ts';
import type { AmendedRecord, EpochRecord } from './epoch-record.ts';
import { batcherOf, type LoadedTraining, loadTraining } from './load-training.ts';
import type { RunOptions, StepProgress } from './train-options.ts';
import { dataChecksum, type PreparedData } from './training-data.ts';
import {
  checkResumed,
  cursorOf,
  earlierTraining,
  firstStep,
  type RunIdentity,
  recordOf,
  startOfRun,
  type TrainingCursor,
  type TrainingSnapshot,
} from './training-snapshot.ts';
import { EarlyStopping, Validation } from './validation.ts';
import {
  copyVariables,
  inFloat32,
  inFloats,
  initializeVariables,
  modelKinds,
  ParameterAverage,
  restoreVariables,
  snapshotKinds,
} from './variables.ts';

/** The learning rate of a step, which counts from 0 in this run, when `share` of the run's events are finished. */
export function learningRateAt(
  config: Pick<ModelConfig, 'learningRate' | 'warmupSteps' | 'learningRateDecay'>,
  step: number,
  share: number,
): number {
  const { learningRate, warmupSteps, learningRateDecay } = config;
  const risen = step < warmupSteps ? (step + 1) / warmupSteps : 1;
  return learningRate * risen * (learningRateDecay === 'linear' ? 1 - share : 1);
}

interface TrainingObserver {
  /** Before each step, and once more at the end of an epoch. */
  beforeStep?(): Promise<void> | void;
  afterStep?(batch: Batch): Promise<void> | void;
  afterEpoch?(record: AmendedRecord): Promise<void> | void;
}

/** One training run: epochs of steps, and observers that do what comes between steps and after epochs. */
export class TrainingRun {
  readonly cursor: TrainingCursor;
  readonly #data: PreparedData;
  readonly #config: ModelConfig;
  readonly #options: RunOptions;
  readonly #before: RunIdentity['before'];
  readonly #batcher: Batcher;
  readonly #loaded: LoadedTraining;
  readonly #zeroLoss: ZeroLoss;
  readonly #average: ParameterAverage | undefined;
  readonly #stopping: EarlyStopping | undefined;
  readonly #observers: readonly TrainingObserver[];
  readonly #history: EpochRecord[];
  #identity: RunIdentity | undefined;
  #lastLearningRate: number | undefined;

  constructor(data: PreparedData, config: ModelConfig, options: RunOptions) {
    const { from, resume, checkpoint, signal } = options;
    this.#data = data;
    this.#config = config;
    this.#options = options;
    this.#before = earlierTraining(from);
    if (resume) checkResumed(resume, this.#identify());
    this.#batcher = batcherOf(data, config);
    this.#history = [...((resume ?? from)?.history ?? [])];
    this.cursor = resume ? cursorOf(resume) : startOfRun(this.#before.epochs + 1);
    // Checks its options, before programs are compiled.
    const checkpointer = new Checkpointer(this, checkpoint, signal);
    this.#loaded = loadTraining(data, config, options);
    const { runtime, zeroLoss } = this.#loaded;
    this.#zeroLoss = new ZeroLoss(runtime, zeroLoss, config, this.cursor.zeroLoss);
    this.#average = config.averageDecay > 0 ? new ParameterAverage(config.averageDecay) : undefined;
    const copy = () => this.#modelTensors((name) => runtime.read(name));
    this.#stopping = config.patience > 0 ? new EarlyStopping(config, copy) : undefined;
    this.#observers = this.#openObservers(checkpointer);
  }

  /** Trains to the end; to be called once. With `patience`, the tensors are those after the best epoch. */
  async run(): Promise<Pick<Gru4Rec, 'history' | 'tensors'>> {
    const { epoch } = this.cursor;
    await this.#initialize();
    for (;;) {
      await this.#runSteps();
      await this.#endEpoch();
      if (epoch.epoch === this.#lastEpoch || this.#stopping?.over) return this.#result();
      Object.assign(epoch, firstStep(epoch.epoch + 1));
      await this.#batcher.startEpoch(epoch.epoch - 1);
    }
  }

  async #runSteps(): Promise<void> {
    const { epoch } = this.cursor;
    const start = performance.now() - epoch.seconds * 1000;
    for (;;) {
      epoch.seconds = (performance.now() - start) / 1000;
      for (const observer of this.#observers) if (observer.beforeStep) await observer.beforeStep();
      await this.#batcher.fill();
      const batch = this.#batcher.next();
      if (!batch) break;
      this.#takeStep(batch);
      for (const observer of this.#observers) if (observer.afterStep) await observer.afterStep(batch);
    }
    epoch.seconds = (performance.now() - start) / 1000;
  }

  async #endEpoch(): Promise<void> {
    const { epoch } = this.cursor;
    checkFiniteVariables(this.#loaded.runtime, epoch.epoch);
    const record = recordOf(epoch);
    for (const observer of this.#observers) await observer.afterEpoch?.(record);
    this.#history.push(record);
  }

  #openObservers(checkpointer: Checkpointer): TrainingObserver[] {
    const { onStep, onEpoch } = this.#options;
    const { runtime, samples, validation } = this.#loaded;
    const turn = turns();
    const measured = validation && {
      ...validation,
      config: this.#config,
      itemCount: this.#data.itemIds.length,
      clicks: this.#data.clicks,
      write: (to: Runtime) => this.#writeMeasured(to),
      pause: () => turn()?.then(() => checkpointer.stop()),
    };
    return [
      checkpointer,
      { afterStep: (batch) => this.#zeroLoss.observe(batch, samples, this.#batcher.eventsPerEpoch) },
      { afterEpoch: ({ epoch }) => this.#average?.add(epoch - this.#before.epochs, runtime) },
      ...(measured ? [new Validation(measured)] : []),
      { afterEpoch: ({ epoch, validation: of }) => of && this.#stopping?.observe(epoch, of) },
      {
        afterStep: () => turn(() => onStep?.(this.#progress())),
        afterEpoch: (record) => onEpoch?.(record, this.#progress()),
      },
    ];
  }

  snapshot(): TrainingSnapshot {
    const { runtime } = this.#loaded;
    return {
      ...this.#identify(),
      ...cursorOf(this.cursor),
      history: [...this.#history],
      batcher: this.#batcher.position(),
      stopping: this.#stopping?.state(),
      average: this.#average?.state(),
      tensors: copyVariables(runtime, snapshotKinds, (name) => inFloats(runtime.read(name))),
    };
  }

  dispose(): void {
    const { runtime, validation } = this.#loaded;
    runtime.dispose();
    if (validation && validation.runtime !== runtime) validation.runtime.dispose();
  }

  get #lastEpoch(): number {
    return this.#before.epochs + this.#config.nEpochs;
  }

  async #initialize(): Promise<void> {
    const { from, resume } = this.#options;
    const { runtime } = this.#loaded;
    initializeVariables(runtime, this.#data.support, this.#config);
    if (this.#data.features?.vectors) runtime.write(VECTORS, this.#data.features.vectors);
    if (!resume) {
      if (from) writeContinued(runtime, from, { config: this.#config, itemIds: this.#data.itemIds });
      clearUntrained(runtime, this.#data);
      await this.#batcher.startEpoch(this.#before.epochs);
      return;
    }
    restoreVariables(runtime, resume.tensors);
    await this.#batcher.restore(resume.batcher);
    if (resume.stopping) this.#stopping?.restore(resume.stopping);
    if (resume.average) this.#average?.restore(resume.average);
  }

  #takeStep(batch: Batch): void {
    const { cursor } = this;
    const { epoch } = cursor;
    const learningRate = this.#learningRate;
    const count = this.#before.steps + cursor.steps;
    const loss = this.#loaded.runStep(batch, count, learningRate);
    if (!Number.isFinite(loss)) {
      throw new NonFiniteLossError(epoch.epoch, epoch.steps + 1, loss, cursor.lastFiniteLoss);
    }
    cursor.steps++;
    cursor.lastFiniteLoss = loss;
    this.#lastLearningRate = learningRate;
    epoch.steps++;
    epoch.events += batch.liveSlots;
    epoch.lossSum += loss * this.#config.batchSize;
  }

  get #learningRate(): number {
    const { epoch, steps } = this.cursor;
    const { eventsPerEpoch } = this.#batcher;
    const share =
      (epoch.epoch - this.#before.epochs - 1 + epoch.events / eventsPerEpoch) / this.#config.nEpochs;
    return learningRateAt(this.#config, steps, share);
  }

  #progress(): StepProgress {
    const { epoch, events, lossSum } = this.cursor.epoch;
    return {
      epoch,
      epochs: this.#lastEpoch,
      step: this.#before.steps + this.cursor.steps,
      events,
      eventsPerEpoch: this.#batcher.eventsPerEpoch,
      loss: lossSum / events,
      learningRate: this.#lastLearningRate ?? this.#learningRate,
    };
  }

  #result(): Pick<Gru4Rec, 'history' | 'tensors'> {
    const best = this.#stopping?.best;
    const history = this.#history.map((r) => (r.epoch === best?.epoch ? { ...r, kept: true as const } : r));
    const epochs = history.filter(({ epoch }) => epoch > this.#before.epochs);
    const drawsTargets = Number(this.#config.nSample) > this.#data.itemIds.length;
    const warning = trainingWarning({ epochs, zeroLoss: this.#zeroLoss.mean, drawsTargets });
    if (warning?.diverged && !this.#options.keepDiverged) throw new DivergedError(warning.message);
    if (warning) this.#options.onWarning?.(warning.message);
    const { runtime } = this.#loaded;
    return { history, tensors: best?.tensors ?? this.#modelTensors((name) => runtime.detach(name)) };
  }

  /** What the model has: the average where there is one, else what `take` gives, copied only if it is not float32. */
  #modelTensors(take: (name: string) => RuntimeArray): StoredTensor[] {
    const values = (name: string) => inFloat32(this.#average?.values(name) ?? take(name));
    const { features, untrained } = this.#data;
    const tensors = copyVariables(this.#loaded.runtime, modelKinds, values);
    if (!features && !untrained) return tensors;
    const read = (name: string) => valuesOf(tensors, name);
    return withValues(tensors, composedRows(this.#config, this.#data, read));
  }

  #writeMeasured(to: Runtime): void {
    this.#average?.writeTo(to);
    const { runtime } = this.#loaded;
    writeComposed(to, this.#config, this.#data, (name) => this.#average?.values(name) ?? runtime.read(name));
  }

  /** What another run must share to resume this one. Hashes the data at the first call. */
  #identify(): RunIdentity {
    const { declared, engine, engineFacts, validation } = this.#options;
    this.#identity ??= {
      config: declared,
      itemIds: this.#data.itemIds,
      data: dataChecksum(this.#data, this.#config.patience > 0 ? validation : undefined),
      engine: { ...engineFacts, engine: engine.name },
      before: this.#before,
    };
    return this.#identity;
  }
}
