import { calibrated } from '../calibration.ts';
import { type ComparisonRow, type Contestant, contested, takeTurns } from '../comparison.ts';
import type { EngineChoice } from '../engine-choice.ts';
import { peakMiB } from '../environment.ts';
import { ratesOf, summarize } from '../measure.ts';
import { WasmStepTrainer } from '../step-trainer.ts';
import { describeConfig, drawSteps, stepShapes } from '../workload.ts';
import { threadCounts } from './sweep.ts';

/** Options of the suite. */
export interface ThreadsOptions {
  readonly seconds: number;
  readonly rounds: number;
  /** Whether kernels use relaxed SIMD. Threads and kernels are those of each contestant. */
  readonly engine: EngineChoice;
  readonly only: RegExp;
  /** Default: 1, 2, 4, … and the number of cores. */
  readonly counts?: readonly number[];
  readonly onTurn?: (line: string) => void;
}

const WARM_UP_STEPS = 32;
const PER_WINDOW = 16;

/**
 * Measures steps of three shapes with WebAssembly and with native kernels, at each number of threads, in turns. WebAssembly
 * on one thread is ours. Kernels that cannot run here are listed as missing.
 */
export async function measureThreads(options: ThreadsOptions): Promise<ComparisonRow[]> {
  const { only, rounds, onTurn, counts = threadCounts() } = options;
  const rows: ComparisonRow[] = [];
  for (const config of stepShapes) {
    const name = describeConfig(config);
    if (!only.test(name)) continue;
    const contest = { suite: 'threads', name, unit: 'steps/s', better: 'more' } as const;
    const inputs = drawSteps(config);
    const contestants = (['wasm', 'native'] as const).flatMap((kernels) =>
      counts.map((threads) => {
        const { relaxed } = options.engine;
        const choice = relaxed === undefined ? { threads } : { threads, relaxed };
        const engine = kernels === 'wasm' ? choice : { ...choice, kernels };
        const who = `${kernels}, ${threads} thread${threads === 1 ? '' : 's'}`;
        return contestant(who, () => new WasmStepTrainer(config, inputs, { engine }), options.seconds);
      }),
    );
    rows.push(
      await calibrated(async () => {
        const { all, failed } = await takeTurns(contestants, rounds, (who, { value }) =>
          onTurn?.(`threads ${name}: ${who}: ${value.toPrecision(4)} steps/s`),
        );
        return { ...contested(contest, all), engine: 'wasm', missing: failed, peakMiB: peakMiB() };
      }),
    );
  }
  return rows;
}

/** A contestant whose threads exist only while it takes its turn. */
function contestant(name: string, makeTrainer: () => WasmStepTrainer, seconds: number): Contestant {
  const take = async () => {
    const trainer = makeTrainer();
    try {
      trainer.train(WARM_UP_STEPS);
      const { loss } = trainer;
      return {
        value: summarize(ratesOf(trainer.train, PER_WINDOW, seconds)).median,
        correctness: { [`lossAfter${WARM_UP_STEPS}Steps`]: loss },
      };
    } finally {
      trainer.runtime.dispose();
    }
  };
  return { name, take };
}
