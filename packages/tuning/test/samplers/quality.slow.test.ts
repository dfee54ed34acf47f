import { describe, expect, it } from 'vitest';
import { createTpeSampler, type Sampler, suggestAtRandom } from '../../src/samplers/tpe.ts';
import { parseSpace, type Space, type Values } from '../../src/space.ts';
import { runStudy } from '../../src/study.ts';
import { MemoryStorage } from '../memory-storage.ts';

/** A function to minimize. */
interface TestFunction {
  readonly name: string;
  readonly space: Space;
  readonly compute: (values: Values) => number;
}

const coordinates = (values: Values): number[] => Object.values(values).map(Number);

/** Branin, as in Dixon, Szegö 1978; 0.397887 at three points. */
const branin: TestFunction = {
  name: 'Branin',
  space: parseSpace({
    x0: { type: 'uniform', low: -5, high: 10 },
    x1: { type: 'uniform', low: 0, high: 15 },
  }),
  compute: (values) => {
    const [x = 0, y = 0] = coordinates(values);
    const square = (y - (5.1 * x ** 2) / (4 * Math.PI ** 2) + (5 * x) / Math.PI - 6) ** 2;
    return square + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
  },
};

const heights = [1, 1.2, 3, 3.2];
const slopes = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const centers = [
  [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
  [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
  [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
  [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
];

/** Hartmann, as in Dixon, Szegö 1978; minimum −3.32237. */
const hartmann: TestFunction = {
  name: 'Hartmann, 6-D',
  space: parseSpace(
    Object.fromEntries(centers[0].map((_, d) => [`x${d}`, { type: 'uniform', low: 0, high: 1 }])),
  ),
  compute: (values) => {
    const point = coordinates(values);
    const wells = heights.map((height, well) => {
      const distance = point.reduce((sum, x, d) => sum + slopes[well][d] * (x - centers[well][d]) ** 2, 0);
      return height * Math.exp(-distance);
    });
    return -wells.reduce((sum, well) => sum + well, 0);
  },
};

const lossCosts: Readonly<Record<string, number>> = { 'bpr-max': 0, 'cross-entropy': 0.1, top1: 1, bpr: 2 };

/** Like a model's training: the best rate depends on the loss, few units cost most; minimum 0. */
const training: TestFunction = {
  name: 'mixed',
  space: parseSpace({
    rate: { type: 'log-uniform', low: 1e-4, high: 1 },
    units: { type: 'integer', low: 16, high: 1024, log: true },
    batches: { type: 'integer', low: 32, high: 512, step: 32 },
    dropout: { type: 'uniform', low: 0, high: 0.9 },
    loss: { type: 'choice', options: ['bpr', 'top1', 'cross-entropy', 'bpr-max'] },
    warm: { type: 'choice', options: [true, false] },
  }),
  compute: ({ rate, units, batches, dropout, loss, warm }) => {
    const bestRate = loss === 'bpr-max' ? -1 : -2;
    const costs = [
      (Math.log10(Number(rate)) - bestRate) ** 2,
      (0.5 * Math.log2(Number(units) / 256)) ** 2,
      (Number(batches) / 256 - 0.75) ** 2,
      4 * (Number(dropout) - 0.2) ** 2,
      lossCosts[String(loss)] ?? 0,
      warm ? 0 : 0.3,
    ];
    return costs.reduce((sum, cost) => sum + cost, 0);
  },
};

/** The functions on which samplers are compared. */
const testFunctions: readonly TestFunction[] = [branin, hartmann, training];

/** @returns the smallest value after a number of trials. */
async function leastValue({ space, compute }: TestFunction, sampler: Sampler, seed: number): Promise<number> {
  const { trials } = await runStudy({
    storage: new MemoryStorage(),
    space,
    sampler,
    trials: 60,
    seed,
    direction: 'minimize',
    run: ({ values }) => compute(values),
  });
  return Math.min(...trials.map(({ value = Number.POSITIVE_INFINITY }) => value));
}

/** @returns the median. */
function medianOf(numbers: readonly number[]): number {
  const sorted = Float64Array.from(numbers).sort();
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

const seeds = Array.from({ length: 11 }, (_, seed) => seed);

function leastValues(testFunction: TestFunction, sampler: Sampler): Promise<number[]> {
  return Promise.all(seeds.map((seed) => leastValue(testFunction, sampler, seed)));
}

describe('createTpeSampler beside random search', () => {
  it.each(testFunctions)('finds smaller values after 60 trials of $name', async (testFunction) => {
    const [tpe, random] = await Promise.all(
      [createTpeSampler(), { settings: { name: 'random' }, suggest: suggestAtRandom }].map((sampler) =>
        leastValues(testFunction, sampler),
      ),
    );
    expect(medianOf(tpe)).toBeLessThan(medianOf(random));
    const better = tpe.filter((value, seed) => value < random[seed]);
    expect(better.length).toBeGreaterThan(seeds.length / 2);
  });
});
