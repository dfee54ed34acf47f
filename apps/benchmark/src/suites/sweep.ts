import { availableParallelism } from 'node:os';
import { type Calibration, calibrate } from '../calibration.ts';
import { describeChoice, type EngineChoice } from '../engine-choice.ts';
import { peakMiB } from '../environment.ts';
import { ratesOf, type Summary, summarize } from '../measure.ts';
import { WasmStepTrainer } from '../step-trainer.ts';
import { drawSteps, ITEMS, resized } from '../workload.ts';
import type { PartOptions } from './contest.ts';

/** The sizes of a step, of which the sweep varies one at a time. */
export interface SweepSizes {
  readonly items: number;
  readonly units: number;
  readonly batchSize: number;
  readonly nSample: number;
}

/** The figures of a training step in one size. */
export interface SweepPoint extends SweepSizes {
  /** The size that is varied. */
  readonly varied: keyof SweepSizes | 'threads';
  readonly value: number;
  readonly engine: string;
  readonly stepMicroseconds: Summary;
  readonly correctness: { readonly steps: number; readonly loss: number };
  readonly calibration: Calibration;
  /** Memory of the engine. */
  readonly memoryMiB: number;
  /** Peak memory of this process so far. */
  readonly peakMiB: number;
}

const start: SweepSizes = { items: ITEMS, units: 100, batchSize: 32, nSample: 2048 };
const values: Readonly<Record<keyof SweepSizes, readonly number[]>> = {
  items: [1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000],
  units: [16, 32, 64, 100, 128, 256, 512],
  batchSize: [8, 16, 32, 64, 128, 256, 512],
  nSample: [0, 128, 512, 1024, 2048, 4096, 8192],
};
const WINDOW_MS = 50;
const FIRST_STEPS = 20;

/** A step to measure: its sizes, which of them differs from `start`, and the engine. */
interface SweepCase {
  readonly varied: SweepPoint['varied'];
  readonly value: number;
  readonly sizes: SweepSizes;
  readonly engine: EngineChoice;
}

/**
 * Measures a cross-entropy step in many sizes, varying one at a time, in several passes over all of them, so that a
 * temporary slowdown of the machine affects every point.
 */
export function measureSweep(options: PartOptions): SweepPoint[] {
  const { seconds, rounds, onTurn } = options;
  const cases = casesOf(options);
  const passes = Array.from({ length: rounds }, () =>
    cases.map(({ varied, value, sizes, engine }) => {
      const point = { varied, value, ...measurePoint(sizes, engine, seconds / rounds) };
      onTurn?.(`sweep ${varied} ${value}: ${summarize(point.times).median.toPrecision(4)} µs per step`);
      return point;
    }),
  );
  return cases.map((_, index) => {
    const points = passes.flatMap((pass) => pass[index] ?? []);
    const [first, last] = [points[0], points.at(-1)];
    if (!first || !last) throw new RangeError('measureSweep: "rounds" expected at least one, got none');
    const { times: _times, ...point } = first;
    const calibration = { before: first.calibration.before, after: last.calibration.after };
    return { ...point, calibration, stepMicroseconds: summarize(points.flatMap(({ times }) => times)) };
  });
}

function casesOf({ engine, only }: PartOptions): SweepCase[] {
  const sizes = (Object.keys(values) as (keyof SweepSizes)[]).flatMap((varied) =>
    values[varied].map((value) => ({ varied, value, sizes: { ...start, [varied]: value }, engine })),
  );
  const threads = threadCounts().map((count) => ({
    varied: 'threads' as const,
    value: count,
    sizes: start,
    engine: { ...engine, threads: count },
  }));
  return [...sizes, ...threads].filter(({ varied, value }) => only.test(`${varied} ${value}`));
}

/** 1, 2, 4, … and the number of cores. */
export function threadCounts(cores: number = availableParallelism()): number[] {
  const counts: number[] = [];
  for (let threads = 1; threads < cores; threads *= 2) counts.push(threads);
  return [...counts, cores];
}

function measurePoint(
  sizes: SweepSizes,
  engine: EngineChoice,
  seconds: number,
): Omit<SweepPoint, 'varied' | 'value' | 'stepMicroseconds'> & { readonly times: readonly number[] } {
  const before = calibrate(1).median;
  const config = resized(sizes);
  const inputs = drawSteps(config, sizes.items);
  const trainer = new WasmStepTrainer(config, inputs, { engine, items: sizes.items });
  try {
    trainer.train(FIRST_STEPS);
    const loss = trainer.loss;
    // Touch every row before the clock starts, because the system maps a large table page by page.
    trainer.train(inputs.length);
    const [rate = 1] = ratesOf(trainer.train, FIRST_STEPS, 0);
    const perWindow = Math.max(1, Math.round((rate * WINDOW_MS) / 1000));
    const rates = ratesOf(trainer.train, perWindow, seconds);
    return {
      ...sizes,
      engine: describeChoice(engine),
      times: rates.map((steps) => 1e6 / steps),
      correctness: { steps: FIRST_STEPS, loss },
      calibration: { before, after: calibrate(1).median },
      memoryMiB: trainer.runtime.memoryBytes / 2 ** 20,
      peakMiB: peakMiB(),
    };
  } finally {
    trainer.runtime.dispose();
  }
}
