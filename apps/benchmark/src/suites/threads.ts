import { type ComparisonRow, type Contestant, timed } from '../comparison.ts';
import { WasmStepTrainer } from '../step-trainer.ts';
import { describeConfig, drawSteps, stepShapes } from '../workload.ts';
import { measureContest, measureEach, type PartOptions, withThreads } from './contest.ts';
import { threadCounts } from './sweep.ts';

/** Options of the suite `threads`. Of the engine, only relaxed SIMD counts: each contestant has its threads and kernels. */
export interface ThreadsOptions extends PartOptions {
  /** Default: 1, 2, 4, … and the number of cores. */
  readonly counts?: readonly number[];
}

const WARM_UP_STEPS = 32;
const PER_WINDOW = 16;

/**
 * Measures steps of three shapes with WebAssembly and with native kernels, at each number of threads, in turns. WebAssembly
 * on one thread is ours. Kernels that cannot run here are listed as missing.
 */
export function measureThreads(options: ThreadsOptions): Promise<ComparisonRow[]> {
  const { only, counts = threadCounts(), seconds } = options;
  const { relaxed } = options.engine;
  const named = stepShapes.map((config) => ({ name: describeConfig(config), config }));
  return measureEach(named, only, ({ name, config }) => {
    const inputs = drawSteps(config);
    const contestants = (['wasm', 'native'] as const).flatMap((kernels) =>
      counts.map((threads) => {
        const choice = { threads, ...(relaxed !== undefined && { relaxed }) };
        const engine = kernels === 'wasm' ? choice : { ...choice, kernels };
        const makeTrainer = () => new WasmStepTrainer(config, inputs, { engine });
        return contestant(withThreads(kernels, threads), makeTrainer, seconds);
      }),
    );
    const row = { suite: 'threads', name, unit: 'steps/s', better: 'more', engine: 'wasm' } as const;
    return measureContest(row, contestants, options);
  });
}

/** A contestant whose threads exist only while it takes its turn. */
function contestant(name: string, makeTrainer: () => WasmStepTrainer, seconds: number): Contestant {
  const take = async () => {
    const trainer = makeTrainer();
    try {
      trainer.train(WARM_UP_STEPS);
      const correctness = { [`lossAfter${WARM_UP_STEPS}Steps`]: trainer.loss };
      return await timed(name, trainer.train, { perWindow: PER_WINDOW, seconds, correctness }).take();
    } finally {
      trainer.runtime.dispose();
    }
  };
  return { name, take };
}
