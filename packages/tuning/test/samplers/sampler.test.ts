import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { suggestAtRandom, suggestNear } from '../../src/samplers/sampler.ts';
import { createTpeSampler } from '../../src/samplers/tpe.ts';
import { parseSpace } from '../../src/space.ts';
import { arbitrarySpace, belongs } from '../arbitrary-space.ts';

const rest = { direction: 'minimize', trials: [] } as const;

describe('suggestAtRandom', () => {
  it('draws values of the space', () => {
    const draws = fc.property(arbitrarySpace, fc.nat(), fc.nat(500), (space, seed, number) => {
      expect(belongs(suggestAtRandom({ space, seed, number, ...rest }), space)).toBe(true);
    });
    fc.assert(draws, { seed: 1 });
  });

  it('depends only on seed and number, not on the order of the names', () => {
    const a = { type: 'uniform', low: 0, high: 1 };
    const [one, other] = [parseSpace({ a, b: a }), parseSpace({ b: a, a })];
    const values = suggestAtRandom({ space: one, seed: 1, number: 3, ...rest });
    expect(suggestAtRandom({ space: other, seed: 1, number: 3, ...rest })).toEqual(values);
    expect(suggestAtRandom({ space: one, seed: 2, number: 3, ...rest })).not.toEqual(values);
    expect(suggestAtRandom({ space: one, seed: 1, number: 4, ...rest })).not.toEqual(values);
  });
});

const space = parseSpace({
  rate: { type: 'log-uniform', low: 0.01, high: 1 },
  units: { type: 'choice', options: [[64], [100]] },
  epochs: { type: 'integer', low: 1, high: 1000 },
  loss: 'bpr-max',
});
const start = { rate: 0.3, units: [100], epochs: 7, loss: 'bpr-max', momentum: 0.5 };

describe('suggestNear', () => {
  const numbers = Array.from({ length: 600 }, (_, number) => number);

  it('draws what the start has no value of the space of', () => {
    const beyond = { rate: 5, units: [8], epochs: 7 };
    const units = numbers.map((number) => suggestNear({ space, seed: 1, number, ...rest }, beyond)['units']);
    const small = units.filter((unit) => JSON.stringify(unit) === '[64]').length;
    expect(small).toBeGreaterThan(250);
    expect(small).toBeLessThan(350);
  });

  it('draws a third of the values anew', () => {
    const epochs = numbers.map((number) => suggestNear({ space, seed: 1, number, ...rest }, start)['epochs']);
    const kept = epochs.filter((value) => value === 7).length;
    expect(kept).toBeGreaterThan(360);
    expect(kept).toBeLessThan(440);
  });

  it('suggests values of the space for any start', () => {
    const draws = fc.property(arbitrarySpace, fc.nat(), fc.nat(50), (any, seed, number) => {
      const near = suggestAtRandom({ space: any, seed: seed + 1, number, ...rest });
      const found = suggestNear({ space: any, seed, number, ...rest }, near);
      expect(belongs(found, any)).toBe(true);
    });
    fc.assert(draws, { seed: 1 });
  });
});

describe('createTpeSampler with a start', () => {
  it('is near it until enough trials have ended, and stores it in its settings', () => {
    const sampler = createTpeSampler({ start });
    expect(sampler.settings).toMatchObject({ name: 'tpe', start });
    expect(createTpeSampler().settings).not.toHaveProperty('start');
    const request = { space, seed: 1, number: 3, ...rest };
    expect(sampler.suggest(request)).toEqual(suggestNear(request, start));
  });
});
