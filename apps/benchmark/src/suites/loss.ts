import type { WasmRuntime } from '@gru4rec/engine-wasm';
import { type LossOutputs, losses, parseActivation } from '@gru4rec/model/programs';
import { type Program, ProgramBuilder, runProgram, type ScalarArray } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { createChosenEngine, type EngineChoice } from '../engine-choice.ts';
import { duel, ratesOf, type Summary, summarize, type Work } from '../measure.ts';
import { lossConfigs, type SampledConfig } from '../workload.ts';

const PER_WINDOW = 50;

/** Time of a loss and its gradient with respect to the scores, without the rest of a step, in microseconds. */
export interface LossResult {
  readonly name: string;
  /** As one kernel; absent for a loss without a kernel. */
  readonly fused?: Summary;
  /** Composed of primitive ops. */
  readonly composed: Summary;
  /** The values of the loss in both forms. */
  readonly correctness: { readonly loss: number; readonly composedLoss: number };
}

export interface LossOptions {
  readonly seconds: number;
  readonly rounds: number;
  readonly engine: EngineChoice;
}

type LossProgram = Program<object, LossOutputs>;

/** A loss and its gradient with respect to scores [B + S, B]. The gradient is summed, so that it is computed. */
function lossProgram(config: SampledConfig): LossProgram {
  const { batchSize, nSample } = config;
  const b = new ProgramBuilder<object, LossOutputs & { readonly gradient: ScalarArray }>('loss');
  const scores = b.variable('scores', 'parameter', batchSize + nSample, batchSize);
  const weight = b.constant(1, batchSize + nSample, 1);
  const inputs = { scores, weight, live: b.constant(1, 1, batchSize) };
  const options = { ...config, finalAct: parseActivation(config.finalAct) };
  const loss = losses[config.loss].append(b, inputs, options);
  const gradient = b.gradients(loss).get('scores');
  if (gradient?.kind !== 'dense') throw new RangeError('lossProgram: expected a dense gradient');
  b.output('loss', loss);
  b.output('gradient', b.sum(b.sum(gradient.tensor, 0), 1));
  return b.build();
}

/** Measures all losses. */
export function measureLosses(options: LossOptions): LossResult[] {
  return lossConfigs.map((config) => measureLoss(config, options));
}

/** Measures loss and gradient. The kernel, if there is one, and the composed form take turns. */
export function measureLoss(config: SampledConfig, { seconds, rounds, engine }: LossOptions): LossResult {
  const program = lossProgram(config);
  const [fused, composed] = [true, false].map((fuse) => load(program, engine, fuse)) as [
    WasmRuntime,
    WasmRuntime,
  ];
  const works = [fused, composed].map(repeat) as [Work, Work];
  for (const work of works) work(PER_WINDOW);
  const turns = { perWindow: PER_WINDOW, rounds, seconds: seconds / 4 };
  const { batchSize, nSample } = config;
  const name = `${config.loss}, ${batchSize + nSample} columns, batch ${batchSize}`;
  const correctness = { loss: runOnce(fused, program), composedLoss: runOnce(composed, program) };
  if (fused.kernels('loss').length === composed.kernels('loss').length) {
    const rates = Array.from({ length: rounds }, () => ratesOf(works[1], PER_WINDOW, turns.seconds)).flat();
    return { name, composed: perCall(summarize(rates)), correctness };
  }
  const { rates } = duel(works, turns);
  return { name, fused: perCall(rates[0]), composed: perCall(rates[1]), correctness };
}

/** Loads a loss, with seeded scores. */
function load(program: LossProgram, engine: EngineChoice, fuse: boolean): WasmRuntime {
  const runtime = createChosenEngine(engine, { fuse }).load([program]);
  const random = new RandomStream(1, 'benchmark.scores');
  for (const { name, rows, cols } of runtime.variables) {
    runtime.write(
      name,
      Float32Array.from({ length: rows * cols }, () => 4 * random.nextFloat() - 2),
    );
  }
  return runtime;
}

function repeat(runtime: WasmRuntime): Work {
  return (times) => {
    for (let i = 0; i < times; i++) runtime.run('loss', {});
  };
}

function runOnce(runtime: WasmRuntime, program: LossProgram): number {
  return runProgram(runtime, program, {}).loss[0];
}

function perCall({ median, min, max, samples }: Summary): Summary {
  const [low, middle, high] = [max, median, min].map((rate) => 1e6 / rate) as [number, number, number];
  return { ...summarize([low, middle, high]), samples };
}
