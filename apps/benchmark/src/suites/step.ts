import { createWasmEngine, type OpProfile, type WasmRuntime } from '@gru4rec/engine-wasm';
import { buildTrainStep, TrainingStep } from '@gru4rec/model';
import { RandomStream } from '@gru4rec/random';
import { logSupport } from '@gru4rec/sampler';
import { peakMiB } from '../environment.ts';
import { type Duel, duel, type Summary, type Work } from '../measure.ts';
import { loadPrototype } from '../prototype.ts';
import {
  drawSteps,
  ITEMS,
  itemSupport,
  type MeasuredConfig,
  type StepInputs,
  stepConfigs,
} from '../workload.ts';
import { type LossResult, measureLoss } from './loss.ts';

export interface StepOptions {
  readonly seconds: number;
  readonly rounds: number;
  /** Folder of the built prototype. */
  readonly prototype?: string;
}

/** Time of one kernel in a step, all its calls together. */
export interface KernelTime {
  readonly kernel: string;
  readonly calls: number;
  readonly microseconds: number;
  /** Of the whole step. */
  readonly share: number;
}

/** One configuration on one thread. */
export interface StepResult {
  readonly name: string;
  readonly batchSize: number;
  readonly stepsPerSecond: Summary;
  readonly composedStepsPerSecond: Summary;
  /** Kernel calls of a step. */
  readonly ops: number;
  readonly composedOps: number;
  readonly kernels: readonly KernelTime[];
  readonly lossAlone: LossResult;
  readonly correctness: Correctness;
  readonly prototype?: { readonly stepsPerSecond: Summary; readonly ratio: Summary };
  readonly peakMiB: number;
}

/** Loss after the same steps from the same seed, with and without fused losses. */
export interface Correctness {
  readonly steps: number;
  readonly loss: number;
  readonly composedLoss: number;
}

const LEARNING_RATE = 0.05;
const CORRECTNESS_STEPS = 20;
const PROFILED_STEPS = 100;

/** A model with seeded parameters, fed the same steps again and again. */
class Trainer {
  readonly runtime: WasmRuntime;
  private readonly config: MeasuredConfig;
  private readonly inputs: readonly StepInputs[];
  private readonly step: TrainingStep;
  private count = 0;
  loss: number = Number.NaN;

  constructor(config: MeasuredConfig, inputs: readonly StepInputs[], fuse: boolean) {
    this.config = config;
    this.inputs = inputs;
    this.runtime = createWasmEngine({ fuse }).load([buildTrainStep(config, ITEMS)]);
    const random = new RandomStream(1, 'benchmark.parameters');
    for (const { name, kind, rows, cols } of this.runtime.variables) {
      if (kind !== 'parameter' && kind !== 'table') continue;
      const values = Float32Array.from({ length: rows * cols }, () => (random.nextFloat() - 0.5) * 0.3);
      this.runtime.write(name, values);
    }
    if (config.logq > 0) this.runtime.write('logSupport', logSupport(itemSupport()));
    this.step = new TrainingStep(this.runtime, config, 1);
  }

  readonly train: Work = (times) => {
    for (let i = 0; i < times; i++) {
      const { batch, samples } = this.inputs[this.count % this.inputs.length] as StepInputs;
      this.loss = this.step.run(batch, samples, this.count++, LEARNING_RATE);
    }
  };

  profile(): readonly OpProfile[] {
    const { batch, samples } = this.inputs[this.count % this.inputs.length] as StepInputs;
    const { input, target, resetMask, live } = batch;
    const philox = Int32Array.of(1, 0, this.count++, 0);
    const dropout = this.config.dropoutPEmbed > 0 || this.config.dropoutPHidden > 0 ? { philox } : {};
    const inputs = { input, target, resetMask, live, samples, learningRate: LEARNING_RATE, ...dropout };
    return this.runtime.profile('train', inputs);
  }
}

/** Measures both configurations. */
export async function measureSteps(options: StepOptions): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const config of Object.values(stepConfigs)) results.push(await measureStep(config, options));
  return results;
}

async function measureStep(config: MeasuredConfig, options: StepOptions): Promise<StepResult> {
  const inputs = drawSteps(config);
  const [fused, composed] = [new Trainer(config, inputs, true), new Trainer(config, inputs, false)];
  const correctness = compareLosses(fused, composed);
  // Half a second to the first measurement, whatever the size of the step.
  const perWindow = config.loss === 'cross-entropy' ? 50 : 15;
  const turns = { ...options, perWindow };
  const beside = duel([fused.train, composed.train], turns);
  const prototype = options.prototype
    ? await againstPrototype(fused, config, inputs, { ...turns, prototype: options.prototype })
    : undefined;
  return {
    name: nameOf(config),
    batchSize: config.batchSize,
    stepsPerSecond: (prototype ?? beside).rates[0],
    composedStepsPerSecond: beside.rates[1],
    ops: fused.runtime.kernels('train').length,
    composedOps: composed.runtime.kernels('train').length,
    kernels: profileKernels(fused),
    lossAlone: measureLoss(config, options),
    correctness,
    ...(prototype ? { prototype: { stepsPerSecond: prototype.rates[1], ratio: prototype.ratio } } : {}),
    peakMiB: peakMiB(),
  };
}

function nameOf({ loss, layers, batchSize, nSample }: MeasuredConfig): string {
  return `${loss}, ${layers[0]} units, batch ${batchSize}, ${nSample} samples`;
}

function compareLosses(fused: Trainer, composed: Trainer): Correctness {
  for (const trainer of [fused, composed]) trainer.train(CORRECTNESS_STEPS);
  return { steps: CORRECTNESS_STEPS, loss: fused.loss, composedLoss: composed.loss };
}

async function againstPrototype(
  trainer: Trainer,
  config: MeasuredConfig,
  inputs: readonly StepInputs[],
  options: StepOptions & { readonly perWindow: number; readonly prototype: string },
): Promise<Duel> {
  const prototype = await loadPrototype(options.prototype, config, inputs);
  prototype(options.perWindow);
  return duel([trainer.train, prototype], options);
}

function profileKernels(trainer: Trainer): KernelTime[] {
  const times = new Map<string, number>();
  const calls = new Map<string, number>();
  for (const kernel of trainer.runtime.kernels('train')) calls.set(kernel, (calls.get(kernel) ?? 0) + 1);
  for (let step = 0; step < PROFILED_STEPS; step++) {
    for (const { kernel, microseconds } of trainer.profile()) {
      times.set(kernel, (times.get(kernel) ?? 0) + microseconds / PROFILED_STEPS);
    }
  }
  const total = [...times.values()].reduce((sum, time) => sum + time, 0);
  return [...times]
    .map(([kernel, microseconds]) => ({
      kernel,
      calls: calls.get(kernel) ?? 0,
      microseconds,
      share: microseconds / total,
    }))
    .sort((a, b) => b.microseconds - a.microseconds);
}
