import type { WasmRuntime } from '@gru4rec/engine-wasm';
import { type LossOutputs, losses, parseActivation } from '@gru4rec/model/programs';
import { type Program, ProgramBuilder, runProgram, type ScalarArray } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { type ComparisonRow, type Contestant, timed } from '../comparison.ts';
import { createChosenEngine, type EngineChoice } from '../engine-choice.ts';
import { repeating } from '../measure.ts';
import { lossConfigs, type SampledConfig } from '../workload.ts';
import { measureContest, measureEach, type PartOptions } from './contest.ts';

const PER_WINDOW = 50;

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

/**
 * Measures each loss and its gradient with respect to the scores, without the rest of a step, on one thread by default.
 * The kernel, if there is one, and the form composed of primitive ops take turns.
 */
export function measureLosses(options: PartOptions): Promise<ComparisonRow[]> {
  const engine = { threads: 1, relaxed: false, ...options.engine };
  const named = lossConfigs.map((config) => {
    const { loss, batchSize, nSample } = config;
    return { name: `${loss}, ${batchSize + nSample} columns, batch ${batchSize}`, config };
  });
  return measureEach(named, options.only, ({ name, config }) => {
    const program = lossProgram(config);
    const [fused, composed] = [load(program, engine, true), load(program, engine, false)];
    const hasKernel = fused.kernels('loss').length < composed.kernels('loss').length;
    const contestants = [
      ...(hasKernel ? [contestant('kernel', fused, program, options.seconds / 4)] : []),
      contestant('composed', composed, program, options.seconds / 4),
    ];
    const row = { suite: 'loss', name, unit: 'µs', better: 'less' } as const;
    return measureContest(row, contestants, { ...options, engine });
  });
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

function contestant(name: string, runtime: WasmRuntime, program: LossProgram, seconds: number): Contestant {
  const work = repeating(() => runtime.run('loss', {}));
  work(PER_WINDOW);
  const correctness = { loss: runProgram(runtime, program, {}).loss[0] };
  return timed(name, work, { perWindow: PER_WINDOW, seconds, correctness, of: (rate) => 1e6 / rate });
}
