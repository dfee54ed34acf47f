import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandomSampler } from '../../src/samplers/random.ts';
import { parseSpace } from '../../src/space.ts';
import { arbitrarySpace, belongs } from '../arbitrary-space.ts';

describe('createRandomSampler', () => {
  const sampler = createRandomSampler();
  const rest = { direction: 'minimize', trials: [] } as const;

  it('draws values of the space', () => {
    const draws = fc.property(arbitrarySpace, fc.nat(), fc.nat(500), (space, seed, number) => {
      expect(belongs(sampler.suggest({ space, seed, number, ...rest }), space)).toBe(true);
    });
    fc.assert(draws, { seed: 1 });
  });

  it('depends only on seed and number, not on the order of the names', () => {
    const a = { type: 'uniform', low: 0, high: 1 };
    const [one, other] = [parseSpace({ a, b: a }), parseSpace({ b: a, a })];
    const values = sampler.suggest({ space: one, seed: 1, number: 3, ...rest });
    expect(sampler.suggest({ space: other, seed: 1, number: 3, ...rest })).toEqual(values);
    expect(sampler.suggest({ space: one, seed: 2, number: 3, ...rest })).not.toEqual(values);
    expect(sampler.suggest({ space: one, seed: 1, number: 4, ...rest })).not.toEqual(values);
  });

  it('exposes its settings', () => {
    expect(sampler.settings).toEqual({ name: 'random' });
  });
});
