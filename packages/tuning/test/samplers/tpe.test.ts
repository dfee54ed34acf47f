import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTpeSampler, suggestAtRandom, suggestNear } from '../../src/samplers/tpe.ts';
import { parseSpace, type Space } from '../../src/space.ts';
import type { Direction, TrialRecord } from '../../src/trial.ts';
import { arbitrarySpace, belongs } from '../arbitrary-space.ts';
import { complete, failed, pruned, running } from '../trials.ts';

const rest = { direction: 'minimize', trials: [] } as const;

it('suggestAtRandom depends only on seed and number, not on the order of the names', () => {
  const a = { type: 'uniform', low: 0, high: 1 };
  const [one, other] = [parseSpace({ a, b: a }), parseSpace({ b: a, a })];
  const values = suggestAtRandom({ space: one, seed: 1, number: 3, ...rest });
  expect(suggestAtRandom({ space: other, seed: 1, number: 3, ...rest })).toEqual(values);
  expect(suggestAtRandom({ space: one, seed: 2, number: 3, ...rest })).not.toEqual(values);
  expect(suggestAtRandom({ space: one, seed: 1, number: 4, ...rest })).not.toEqual(values);
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

it('createTpeSampler with a start is near it until enough trials have ended, and stores it in its settings', () => {
  const sampler = createTpeSampler({ start });
  expect(sampler.settings).toMatchObject({ name: 'tpe', start });
  expect(createTpeSampler().settings).not.toHaveProperty('start');
  const request = { space, seed: 1, number: 3, ...rest };
  expect(sampler.suggest(request)).toEqual(suggestNear(request, start));
});

const line = parseSpace({ x: { type: 'uniform', low: 0, high: 1 } });

/** Random trials whose values are a function of x. */
function history(count: number, compute: (x: number) => number): TrialRecord[] {
  return Array.from({ length: count }, (_, number) => {
    const values = suggestAtRandom({ space: line, number, seed: 9, ...rest });
    return complete(number, values, compute(Number(values['x'])));
  });
}

function suggestions(trials: readonly TrialRecord[], direction: Direction): number[] {
  const sampler = createTpeSampler();
  return Array.from({ length: 40 }, (_, n) => {
    const request = { space: line, number: trials.length + n, seed: 1, direction, trials };
    return Number(sampler.suggest(request)['x']);
  });
}

const share = (xs: readonly number[], test: (x: number) => boolean) => xs.filter(test).length / xs.length;

describe('createTpeSampler', () => {
  it('draws at random until enough trials have ended with a value', () => {
    const sampler = createTpeSampler({ startupTrials: 3 });
    const request = { space: line, number: 7, seed: 1, direction: 'minimize' } as const;
    const atRandom = suggestAtRandom({ ...request, trials: [] });
    const two = [...history(2, (x) => x), failed(2, { x: 0 }), running(3, { x: 0 })];
    expect(sampler.suggest({ ...request, trials: two })).toEqual(atRandom);
    const three = [...two, pruned(4, { x: 0.5 }, [1])];
    expect(sampler.suggest({ ...request, trials: three })).not.toEqual(atRandom);
  });

  it('suggests values of the space for any trials', () => {
    const property = fc.property(arbitrarySpace, fc.nat(), fc.array(fc.nat(9), { maxLength: 30 }), check);
    function check(space: Space, seed: number, results: number[]) {
      const trials = results.map((result, number): TrialRecord => {
        const values = suggestAtRandom({ space, number, seed, ...rest });
        expect(belongs(values, space)).toBe(true);
        if (result === 7) return failed(number, values);
        if (result === 8) return running(number, values);
        return result === 9 ? pruned(number, values, [1, 2]) : complete(number, values, result);
      });
      const sampler = createTpeSampler({ startupTrials: 2 });
      const request = { space, number: trials.length, seed, direction: 'maximize' } as const;
      const values = sampler.suggest({ ...request, trials });
      expect(belongs(values, space)).toBe(true);
      expect(sampler.suggest({ ...request, trials: [...trials].reverse() })).toEqual(values);
    }
    fc.assert(property, { seed: 1 });
  });

  it('searches where values were small to minimize, and large to maximize', () => {
    const trials = history(40, (x) => (x - 0.2) ** 2);
    expect(share(suggestions(trials, 'minimize'), (x) => Math.abs(x - 0.2) < 0.15)).toBeGreaterThan(0.8);
    expect(share(suggestions(trials, 'maximize'), (x) => x > 0.85)).toBeGreaterThan(0.8);
  });

  it.each(['running', 'failed'] as const)('searches away from trials that are %s', (state) => {
    const trials = history(40, (x) => (x - 0.5) ** 2);
    const inside = (x: number) => Math.abs(x - 0.5) < 0.05;
    const make = state === 'running' ? running : failed;
    const more = Array.from({ length: 20 }, (_, n) => make(40 + n, { x: 0.5 }));
    const before = share(suggestions(trials, 'minimize'), inside);
    expect(share(suggestions([...trials, ...more], 'minimize'), inside)).toBeLessThan(before / 2);
  });

  it('finds the options that were good', () => {
    const space = parseSpace({ loss: { type: 'choice', options: ['a', 'b', 'c', 'd'] } });
    const trials = Array.from({ length: 24 }, (_, number) => {
      const loss = 'abcd'.charAt(number % 4);
      return complete(number, { loss }, loss === 'c' ? 1 : 0);
    });
    const sampler = createTpeSampler();
    const losses = Array.from({ length: 20 }, (_, n) => {
      const request = { space, number: 24 + n, seed: 3, direction: 'maximize', trials } as const;
      return sampler.suggest(request)['loss'];
    });
    expect(losses).toEqual(losses.map(() => 'c'));
  });
});
