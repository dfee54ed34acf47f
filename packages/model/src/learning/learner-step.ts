import { createBatch } from '@gru4rec/batcher';
import type { Runtime, VariableKind } from '@gru4rec/program';
import { logSupport, PopularitySampler } from '@gru4rec/sampler';
import type { ModelConfig } from '../config.ts';
import type { Gru4Rec } from '../gru4rec.ts';
import { withoutFreshness } from '../parts/freshness.ts';
import { clickShape } from '../programs/click-features.ts';
import { withoutFeatures } from '../programs/item-features.ts';
import { SessionStates } from '../programs/session-states.ts';
import { mergersFor, type TrainingStep } from '../programs/training-step.ts';
import type { Allocate, StoredTensor } from '../storage/tensors.ts';
import { NonFiniteLossError } from '../training/divergence.ts';
import type { EpochRecord } from '../training/epoch-record.ts';
import { trainingSteps } from '../training/load-training.ts';
import type { TrainingEngine } from '../training/train-options.ts';
import type { TrainedClicks } from '../training/training-data.ts';
import { earlierTraining, firstStep, recordOf } from '../training/training-snapshot.ts';
import { drawRows, inFloat32, modelKinds } from '../training/variables.ts';
import { rowsFor, type StepState } from './learner-state.ts';

export interface ClickPair {
  /** The session's hidden states before `input`, one after the other; `LearnerStep.stateLength` numbers. Overwritten. */
  readonly state: Float32Array;
  readonly input: number;
  /** [K] features of the earlier click, −1 for none. Read only. */
  readonly features: Int32Array;
  readonly target: number;
}

/** The tables of a model that learns, and the training step that updates them. Tables grow with the items. */
export class LearnerStep {
  readonly stateLength: number;
  /** [K] the features of a click that has none. */
  readonly noFeatures: Int32Array;
  readonly #clicks: TrainedClicks | undefined;
  readonly #config: ModelConfig;
  readonly #engine: TrainingEngine;
  readonly #course: ReturnType<typeof firstStep>;
  readonly #states: SessionStates;
  readonly #batch;
  readonly #samples: Int32Array | undefined;
  #runtime: Runtime;
  #step: TrainingStep;
  #sampler: PopularitySampler | undefined;
  #rows: number;
  #steps: number;

  /** Starts from `model`, or where `from` ended, the last epoch of its history. `counts` [I], not all 0, draw negatives. */
  constructor(
    model: Gru4Rec,
    config: ModelConfig,
    { engine, counts, from }: { engine: TrainingEngine; counts: Float64Array; from?: StepState | undefined },
  ) {
    const before = earlierTraining(model);
    this.#config = config;
    this.#engine = engine;
    this.#steps = before.steps;
    this.#course = from ? { ...from.course } : firstStep(before.epochs + 1);
    const { batchSize, nSample, clickFeatureScale: scale } = config;
    const { clickVocabulary } = model;
    this.#clicks = clickVocabulary && { ...clickShape(clickVocabulary), scale };
    this.noFeatures = new Int32Array(this.#clicks?.perClick ?? 0).fill(-1);
    this.#batch = createBatch(batchSize, this.noFeatures.length);
    this.#samples = typeof nSample === 'number' && nSample > 0 ? new Int32Array(nSample) : undefined;
    this.#states = new SessionStates(config, '', batchSize);
    this.stateLength = this.#states.length;
    this.#rows = from?.rows ?? rowsFor(counts.length, config, this.#clicks?.count ?? 0);
    const tensors = withoutFeatures(withoutFreshness(model.tensors));
    ({ runtime: this.#runtime, step: this.#step } = this.#load(tensors, counts));
  }

  get rows(): number {
    return this.#rows;
  }

  get state(): StepState {
    return { rows: this.#rows, course: { ...this.#course } };
  }

  get record(): EpochRecord | undefined {
    return this.#course.steps === 0 ? undefined : recordOf(this.#course);
  }

  /** Takes a step on at most `batchSize` pairs, no session twice. Overwrites their states with those after `input`. */
  run(pairs: readonly ClickPair[], learningRate: number): void {
    const start = performance.now();
    const samples = this.#samples;
    const course = this.#course;
    if (samples) this.#sampler?.sample(this.#steps % 2 ** 32, samples);
    this.#fill(pairs);
    const loss = this.#step.run(this.#batch, samples, this.#steps, learningRate);
    if (!Number.isFinite(loss)) throw new NonFiniteLossError(course.epoch, course.steps + 1, loss, undefined);
    this.#states.read(
      this.#runtime,
      pairs.map(({ state }) => state),
    );
    this.#steps++;
    course.steps++;
    course.events += pairs.length;
    course.lossSum += loss * this.#config.batchSize;
    course.seconds += (performance.now() - start) / 1000;
  }

  /** Samples negatives by other counts [I] from now on, and makes room for new items; I must not fall. */
  use(counts: Float64Array): void {
    if (counts.length <= this.#rows) {
      this.#sampler = this.#samplerOf(counts);
      this.#writeLogSupport(this.#runtime, counts);
      return;
    }
    const tensors = this.#tensors(this.#rows, modelKinds);
    this.#runtime.dispose();
    this.#rows = rowsFor(counts.length, this.#config, this.#clicks?.count ?? 0);
    ({ runtime: this.#runtime, step: this.#step } = this.#load(tensors, counts));
  }

  writeRows(item: number, rows: ReadonlyMap<string, Float32Array>): void {
    for (const [name, row] of rows) this.#runtime.write(name, row, item);
  }

  /** Tensors of some kinds with this many items, in arrays of `allocate`. Items beyond the rows have first values. */
  tensors(
    itemCount: number,
    wanted: readonly VariableKind[] = modelKinds,
    allocate?: Allocate,
  ): StoredTensor[] {
    return this.#tensors(itemCount, wanted).map((tensor) => {
      const { name, kind, cols } = tensor;
      const length = tensor.rows * cols;
      if (!allocate && tensor.values.length === length) return tensor;
      const values = allocate?.(length, name) ?? new Float32Array(length);
      values.fill(0, tensor.values.length).set(tensor.values);
      const drawn = tensor.values.length / cols;
      if (kind === 'table') values.set(drawRows(name, tensor, drawn, this.#config), drawn * cols);
      return { ...tensor, values };
    });
  }

  dispose(): void {
    this.#runtime.dispose();
  }

  #load(tensors: readonly StoredTensor[], counts: Float64Array): { runtime: Runtime; step: TrainingStep } {
    const config = this.#config;
    this.#sampler = this.#samplerOf(counts);
    const mergers = mergersFor(this.#sampler, config, this.#engine.sampling);
    const clicks = this.#clicks;
    const steps = trainingSteps({ config, itemCount: this.#rows, mergers, clicks });
    const runtime = this.#engine.load(steps.programs);
    const stored = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    for (const { name, kind, rows, cols } of runtime.variables) {
      if (!modelKinds.includes(kind)) continue;
      const tensor = stored.get(name);
      // Items beyond the rows have none before the next step.
      if (tensor) runtime.write(name, tensor.values.subarray(0, rows * cols), 0);
      const drawn = tensor?.rows ?? 0;
      if (kind !== 'table' || drawn >= rows) continue;
      runtime.write(name, drawRows(name, { rows, cols }, drawn, config), drawn);
    }
    this.#writeLogSupport(runtime, counts);
    return { runtime, step: steps.open(runtime) };
  }

  /** Rows without an item have count 0, and are never drawn: not even with alpha 0, where 0⁰ would be 1. */
  #samplerOf(counts: Float64Array): PopularitySampler | undefined {
    if (!this.#samples) return undefined;
    const support = new Float64Array(this.#rows);
    support.set(counts);
    const { seed, sampleAlpha } = this.#config;
    const alpha = Math.max(sampleAlpha, Number.EPSILON);
    return new PopularitySampler({ support, alpha, seed, kernels: this.#engine.sampling });
  }

  #writeLogSupport(runtime: Runtime, counts: Float64Array): void {
    const variable = runtime.variables.find(({ name }) => name === 'logSupport');
    if (variable) runtime.write(variable.name, logSupport(counts), 0);
  }

  #fill(pairs: readonly ClickPair[]): void {
    const { input, target, live, context } = this.#batch;
    for (let slot = 0; slot < input.length; slot++) {
      const pair = pairs[slot];
      input[slot] = pair?.input ?? -1;
      target[slot] = pair?.target ?? -1;
      live[slot] = pair ? 1 : 0;
      context.set(pair?.features ?? this.noFeatures, slot * this.noFeatures.length);
    }
    this.#states.write(
      this.#runtime,
      pairs.map(({ state }) => state),
    );
  }

  #tensors(itemCount: number, kinds: readonly VariableKind[]): StoredTensor[] {
    const variables = this.#runtime.variables.filter(({ kind }) => kinds.includes(kind));
    return variables.map(({ name, kind, rows, cols }) => {
      const values = inFloat32(this.#runtime.read(name));
      if (rows !== this.#rows) return { name, kind, rows, cols, values };
      return { name, kind, rows: itemCount, cols, values: values.subarray(0, itemCount * cols) };
    });
  }
}
