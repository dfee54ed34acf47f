import type { Batch, Batcher } from '@gru4rec/batcher';
import type { Runtime, RuntimeArray } from '@gru4rec/program';
import { platform } from '#platform';
import type { ModelConfig } from '../config.ts';
import type { Gru4Rec } from '../gru4rec.ts';
import { buildZeroLossProgram } from '../programs/build-train-program.ts';
import { mergerFor } from '../programs/merged-samples.ts';
import { trainedHistoryLength } from '../programs/repeats.ts';
import type { StoredTensor } from '../storage/stored-tensor.ts';
import { checkResumed } from './check-resumed.ts';
import { Checkpointer, TrainingStopped } from './checkpointer.ts';
import { writeContinued } from './continue.ts';
import { cursorOf, earlierTraining, firstStep, recordOf, startOfRun } from './cursor.ts';
import { dataChecksum } from './data-checksum.ts';
import { EarlyStopping } from './early-stopping.ts';
import type { EpochRecord, ValidationRecord } from './epoch-record.ts';
import { initializeVariables } from './initialize.ts';
import { learningRateAt } from './learning-rate.ts';
import { checkFiniteVariables, NonFiniteLossError } from './non-finite.ts';
import { ParameterAverage } from './parameter-average.ts';
import type { RunOptions, StepProgress } from './train-options.ts';
import type { TrainingData } from './training-data.ts';
import { batcherOf, type Negatives, negativesOf } from './training-inputs.ts';
import type { RunIdentity, TrainingCursor, TrainingSnapshot } from './training-snapshot.ts';
import { type RunStep, TrainingSteps } from './training-steps.ts';
import { DivergedError, trainingWarning } from './training-warning.ts';
import { buildValidationProgram, Validation } from './validation.ts';
import {
  copyVariables,
  inFloat32,
  inFloats,
  modelKinds,
  restoreVariables,
  snapshotKinds,
} from './variables.ts';
import { ZeroLoss } from './zero-loss.ts';

/** Milliseconds between two reports. The event loop turns after each. */
const REPORT_MS = 100;

/** One training run: its programs in an engine, its place in the data, and what it has recorded. */
export class TrainingRun {
  readonly #data: TrainingData;
  readonly #config: ModelConfig;
  readonly #options: RunOptions;
  readonly #before: RunIdentity['before'];
  readonly #batcher: Batcher;
  readonly #negatives: Negatives | undefined;
  /** [B] zeros: the reset mask of steps that carry hidden states over from one session to the next. */
  readonly #noReset: Float32Array | undefined;
  readonly #checkpointer: Checkpointer | undefined;
  readonly #runtime: Runtime;
  readonly #runStep: RunStep;
  readonly #zeroLoss: ZeroLoss;
  readonly #validation: Validation | undefined;
  /** Has the program of the validation: `#runtime`, or with `averageDecay` another one. */
  readonly #measured: Runtime;
  readonly #average: ParameterAverage | undefined;
  readonly #stopping: EarlyStopping | undefined;
  readonly #history: EpochRecord[];
  readonly #cursor: TrainingCursor;
  #identity: RunIdentity | undefined;
  #lastLearningRate: number | undefined;
  #reportedMs = performance.now();

  /** @throws RangeError if there is nothing to train on, or if `resume` is of another run. */
  constructor(data: TrainingData, config: ModelConfig, options: RunOptions) {
    const { from, resume, checkpoint, validation } = options;
    this.#data = data;
    this.#config = config;
    this.#options = options;
    this.#before = earlierTraining(from);
    if (resume) checkResumed(resume, this.#identify(), options.anyEngine);
    this.#batcher = batcherOf(data, config);
    this.#checkpointer = checkpoint && new Checkpointer(checkpoint, resume?.steps ?? 0);
    const { sampling } = options.engine;
    this.#negatives = negativesOf(data, config, sampling);
    this.#noReset = config.resetAfterSession ? undefined : new Float32Array(config.batchSize);
    this.#history = [...((resume ?? from)?.history ?? [])];
    this.#cursor = resume ? cursorOf(resume) : startOfRun(this.#before.epochs + 1);

    const itemCount = data.itemIds.length;
    const zeroLoss = buildZeroLossProgram(config, itemCount);
    const samples = Number(config.nSample);
    const merger = mergerFor(this.#negatives?.sampler, samples, sampling, config.hardNegatives > 0);
    const steps = new TrainingSteps({ config, itemCount, merger, continues: from !== undefined });
    const sessions = config.patience > 0 ? validation : options.monitor?.sessions;
    const validating = sessions && { sessions, program: buildValidationProgram(sessions, config, itemCount) };
    this.#average = config.averageDecay > 0 ? new ParameterAverage(config.averageDecay) : undefined;
    const [training, measuring] = [[...steps.programs, zeroLoss], validating ? [validating.program] : []];
    const runtime = options.engine.load(this.#average ? training : [...training, ...measuring]);
    this.#runtime = runtime;
    this.#runStep = steps.open(runtime);
    this.#zeroLoss = new ZeroLoss(runtime, zeroLoss, config, this.#cursor.zeroLoss);
    const measured = this.#average && validating ? options.engine.load(measuring) : runtime;
    this.#measured = measured;
    this.#validation = validating && new Validation({ runtime: measured, config, itemCount, ...validating });
    const copy = () => this.#modelTensors((name) => runtime.read(name));
    this.#stopping = config.patience > 0 ? new EarlyStopping(config, copy) : undefined;
  }

  /**
   * Trains to the end; to be called once.
   *
   * @returns the records of all epochs, and the parameters, tables and optimiser slots; with `patience`, those after the
   *   best epoch.
   * @throws as `train`.
   */
  async run(): Promise<Pick<Gru4Rec, 'history' | 'tensors'>> {
    const { epoch } = this.#cursor;
    await this.#initialize();
    for (;;) {
      const record = await this.#runEpoch();
      this.#history.push(record);
      this.#options.onEpoch?.(record, this.#progress());
      if (epoch.epoch === this.#lastEpoch || this.#stopping?.over) break;
      Object.assign(epoch, firstStep(epoch.epoch + 1));
      await this.#batcher.startEpoch(epoch.epoch - 1);
    }
    const best = this.#stopping?.best;
    const history = this.#history.map((r) => (r.epoch === best?.epoch ? { ...r, kept: true as const } : r));
    this.#judge(history);
    return { history, tensors: best?.tensors ?? this.#modelTensors((name) => this.#runtime.detach(name)) };
  }

  /** A copy of everything that the rest of the run depends on. */
  snapshot(): TrainingSnapshot {
    return {
      ...this.#identify(),
      ...cursorOf(this.#cursor),
      history: [...this.#history],
      batcher: this.#batcher.position(),
      stopping: this.#stopping?.state(),
      average: this.#average?.state(),
      tensors: copyVariables(this.#runtime, snapshotKinds, (name) => inFloats(this.#runtime.read(name))),
    };
  }

  /** Frees the engine's memory. */
  dispose(): void {
    this.#runtime.dispose();
    if (this.#measured !== this.#runtime) this.#measured.dispose();
  }

  get #lastEpoch(): number {
    return this.#before.epochs + this.#config.nEpochs;
  }

  /** Gives all variables their first values, or those of `resume` or `from`. */
  async #initialize(): Promise<void> {
    const { from, resume } = this.#options;
    initializeVariables(this.#runtime, this.#data.support, this.#config);
    if (!resume) {
      if (from) writeContinued(this.#runtime, from, { config: this.#config, itemIds: this.#data.itemIds });
      await this.#batcher.startEpoch(this.#before.epochs);
      return;
    }
    restoreVariables(this.#runtime, resume.tensors);
    await this.#batcher.restore(resume.batcher);
    if (resume.stopping) this.#stopping?.restore(resume.stopping);
    if (resume.average) this.#average?.restore(resume.average);
  }

  /** Trains from the cursor to the end of its epoch, and validates. */
  async #runEpoch(): Promise<EpochRecord> {
    const { epoch } = this.#cursor;
    const start = performance.now() - epoch.seconds * 1000;
    for (;;) {
      if (this.#options.signal?.aborted || this.#checkpointer?.due(this.#cursor.steps)) {
        epoch.seconds = (performance.now() - start) / 1000;
        await this.#saveCheckpoint();
      }
      const filling = this.#batcher.fill();
      if (filling) await filling;
      const batch = this.#batcher.next();
      if (!batch) break;
      this.#takeStep(batch);
      if (performance.now() - this.#reportedMs >= REPORT_MS) await this.#report();
    }
    epoch.seconds = (performance.now() - start) / 1000;
    checkFiniteVariables(this.#runtime, epoch.epoch);
    this.#average?.add(epoch.epoch - this.#before.epochs, this.#runtime);
    const validation = this.#validates ? await this.#measure() : undefined;
    if (validation) this.#stopping?.observe(epoch.epoch, validation);
    return { ...recordOf(epoch), ...(validation && { validation }) };
  }

  /** Measures the parameters that the model would now have. */
  async #measure(): Promise<ValidationRecord | undefined> {
    if (this.#validation) this.#average?.writeTo(this.#measured);
    return this.#validation?.measure(() => this.#pause());
  }

  /** Whether the epoch that has ended is validated. */
  get #validates(): boolean {
    const { epoch } = this.#cursor.epoch;
    const every = this.#stopping ? 1 : (this.#options.monitor?.every ?? 1);
    return epoch % every === 0 || epoch === this.#lastEpoch;
  }

  /** The learning rate of the next step. */
  get #learningRate(): number {
    const { epoch, steps } = this.#cursor;
    const { eventsPerEpoch } = this.#batcher;
    const share =
      (epoch.epoch - this.#before.epochs - 1 + epoch.events / eventsPerEpoch) / this.#config.nEpochs;
    return learningRateAt(this.#config, steps, share);
  }

  #takeStep(batch: Batch): void {
    const { epoch } = this.#cursor;
    const { batchSize } = this.#config;
    const learningRate = this.#learningRate;
    const count = this.#before.steps + this.#cursor.steps;
    const negatives = this.#negatives;
    negatives?.sampler.sample(count, negatives.samples);
    // Every epoch starts from hidden states of 0, carried over or not.
    const fed = this.#noReset && batch.step > 0 ? { ...batch, resetMask: this.#noReset } : batch;
    const loss = this.#runStep(epoch.epoch, fed, negatives?.samples, count, learningRate);
    this.#zeroLoss.observe(batch, negatives?.samples, this.#batcher.eventsPerEpoch);
    if (!Number.isFinite(loss)) {
      throw new NonFiniteLossError(epoch.epoch, epoch.steps + 1, loss, this.#cursor.lastFiniteLoss);
    }
    this.#cursor.steps++;
    this.#cursor.lastFiniteLoss = loss;
    this.#lastLearningRate = learningRate;
    epoch.steps++;
    epoch.events += batch.liveSlots;
    epoch.lossSum += loss * batchSize;
  }

  async #report(): Promise<void> {
    this.#options.onStep?.(this.#progress());
    await this.#turn();
  }

  #progress(): StepProgress {
    const { epoch, events, lossSum } = this.#cursor.epoch;
    return {
      epoch,
      epochs: this.#lastEpoch,
      step: this.#before.steps + this.#cursor.steps,
      events,
      eventsPerEpoch: this.#batcher.eventsPerEpoch,
      loss: lossSum / events,
      learningRate: this.#lastLearningRate ?? this.#learningRate,
    };
  }

  /** Pauses a validation every tenth of a second. @returns undefined, without a pause, in between. */
  #pause(): Promise<void> | undefined {
    if (performance.now() - this.#reportedMs < REPORT_MS) return undefined;
    return this.#turn().then(() => (this.#options.signal?.aborted ? this.#saveCheckpoint() : undefined));
  }

  /** Lets the event loop turn, so that a signal is seen. */
  async #turn(): Promise<void> {
    await platform.turn();
    this.#reportedMs = performance.now();
  }

  /** @throws TrainingStopped if the signal stops the run. */
  async #saveCheckpoint(): Promise<void> {
    await this.#checkpointer?.save(this.snapshot());
    const { signal } = this.#options;
    if (signal?.aborted) throw new TrainingStopped(this.#cursor, signal.reason);
  }

  /**
   * What the model has: the average where there is one, else the values of the runtime.
   * @param take - gives the values of a variable. They are copied only if they are not float32.
   */
  #modelTensors(take: (name: string) => RuntimeArray): StoredTensor[] {
    const values = (name: string) => inFloat32(this.#average?.values(name) ?? take(name));
    return copyVariables(this.#runtime, modelKinds, values);
  }

  /** @throws DivergedError if the model is not to be kept. */
  #judge(history: readonly EpochRecord[]): void {
    const epochs = history.filter(({ epoch }) => epoch > this.#before.epochs);
    const learnsRepeats = trainedHistoryLength(this.#config) > 0 && !this.#options.from;
    const drawsTargets = Number(this.#config.nSample) > this.#data.itemIds.length;
    const found = trainingWarning({ epochs, zeroLoss: this.#zeroLoss.mean, learnsRepeats, drawsTargets });
    if (found?.diverged && !this.#options.keepDiverged) throw new DivergedError(found.message);
    if (found) this.#options.onWarning?.(found.message);
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
