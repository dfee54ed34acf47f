import { describe, expect, it } from 'vitest';
import type { Sampler } from '../../src/samplers/sampler.ts';
import { createRandomSampler } from '../../src/samplers/sampler.ts';
import { createTpeSampler } from '../../src/samplers/tpe.ts';
import { leastValue, medianOf, type TestFunction, testFunctions } from '../functions.ts';

const seeds = Array.from({ length: 11 }, (_, seed) => seed);

function leastValues(testFunction: TestFunction, sampler: Sampler): Promise<number[]> {
  return Promise.all(seeds.map((seed) => leastValue(testFunction, sampler, seed)));
}

describe('testFunctions', () => {
  it.each([
    [0, { x0: 0, x1: 0, x2: 0, x3: 0, x4: 0 }, 0],
    [1, { x0: 1, x1: 1 }, 0],
    [2, { x0: Math.PI, x1: 2.275 }, 10 / (8 * Math.PI)],
    [3, { x0: 0.20169, x1: 0.150011, x2: 0.476874, x3: 0.275332, x4: 0.311652, x5: 0.6573 }, -3.32237],
    [4, { rate: 0.1, units: 256, batches: 192, dropout: 0.2, loss: 'bpr-max', warm: true }, 0],
  ])('function %i has its minimum at the known point', (index, values, least) => {
    expect(testFunctions[index].compute(values)).toBeCloseTo(least, 4);
  });
});

describe('createTpeSampler beside createRandomSampler', () => {
  it.each(testFunctions)('finds smaller values after 60 trials of $name', async (testFunction) => {
    const [tpe, random] = await Promise.all(
      [createTpeSampler(), createRandomSampler()].map((sampler) => leastValues(testFunction, sampler)),
    );
    expect(medianOf(tpe)).toBeLessThan(medianOf(random));
    const better = tpe.filter((value, seed) => value < random[seed]);
    expect(better.length).toBeGreaterThan(seeds.length / 2);
  });
});
