import type { EngineChoice } from '../engine-choice.ts';
import { peakMiB } from '../environment.ts';
import { type Duel, duel, type Summary } from '../measure.ts';
import { loadPrototype } from '../prototype.ts';
import { WasmStepTrainer } from '../step-trainer.ts';
import { describeConfig, drawSteps, type MeasuredConfig, type StepInputs, stepConfigs } from '../workload.ts';
import { type LossResult, measureLoss } from './loss.ts';

export interface StepOptions {
  readonly seconds: number;
  readonly rounds: number;
  readonly engine: EngineChoice;
  /** The folder of the built prototype. */
  readonly prototype?: string;
}

/** The time of all calls of one kernel in a step. */
export interface KernelTime {
  readonly kernel: string;
  readonly calls: number;
  readonly microseconds: number;
  /** Its share of the whole step. */
  readonly share: number;
}

/** The figures of one configuration. */
export interface StepResult {
  readonly name: string;
  readonly batchSize: number;
  readonly stepsPerSecond: Summary;
  readonly composedStepsPerSecond: Summary;
  /** Number of kernel calls in a step. */
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

const CORRECTNESS_STEPS = 20;
const PROFILED_STEPS = 100;

/** Measures both configurations. */
export async function measureSteps(options: StepOptions): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const config of Object.values(stepConfigs)) results.push(await measureStep(config, options));
  return results;
}

async function measureStep(config: MeasuredConfig, options: StepOptions): Promise<StepResult> {
  const inputs = drawSteps(config);
  const { engine } = options;
  const [fused, composed] = [
    new WasmStepTrainer(config, inputs, { engine }),
    new WasmStepTrainer(config, inputs, { engine, fuse: false }),
  ];
  const correctness = compareLosses(fused, composed);
  // Windows of similar length for both configurations.
  const perWindow = config.loss === 'cross-entropy' ? 50 : 15;
  const turns = { ...options, perWindow };
  const beside = duel([fused.train, composed.train], turns);
  const prototype = options.prototype
    ? await againstPrototype(fused, config, inputs, { ...turns, prototype: options.prototype })
    : undefined;
  return {
    name: describeConfig(config),
    batchSize: config.batchSize,
    stepsPerSecond: (prototype ?? beside).rates[0],
    composedStepsPerSecond: beside.rates[1],
    ops: fused.runtime.kernels(fused.program).length,
    composedOps: composed.runtime.kernels(composed.program).length,
    kernels: profileKernels(fused),
    lossAlone: measureLoss(config, options),
    correctness,
    ...(prototype ? { prototype: { stepsPerSecond: prototype.rates[1], ratio: prototype.ratio } } : {}),
    peakMiB: peakMiB(),
  };
}

function compareLosses(fused: WasmStepTrainer, composed: WasmStepTrainer): Correctness {
  for (const trainer of [fused, composed]) trainer.train(CORRECTNESS_STEPS);
  return { steps: CORRECTNESS_STEPS, loss: fused.loss, composedLoss: composed.loss };
}

async function againstPrototype(
  trainer: WasmStepTrainer,
  config: MeasuredConfig,
  inputs: readonly StepInputs[],
  options: StepOptions & { readonly perWindow: number; readonly prototype: string },
): Promise<Duel> {
  const prototype = await loadPrototype(options.prototype, config, inputs, options.engine);
  prototype(options.perWindow);
  return duel([trainer.train, prototype], options);
}

function profileKernels(trainer: WasmStepTrainer): KernelTime[] {
  const times = new Map<string, number>();
  const calls = new Map<string, number>();
  for (const kernel of trainer.runtime.kernels(trainer.program))
    calls.set(kernel, (calls.get(kernel) ?? 0) + 1);
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
