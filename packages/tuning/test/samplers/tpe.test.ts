import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { suggestAtRandom } from '../../src/samplers/sampler.ts';
import { createTpeSampler } from '../../src/samplers/tpe.ts';
import { parseSpace, type Space } from '../../src/space.ts';
import type { Direction, TrialRecord } from '../../src/trial.ts';
import { arbitrarySpace, belongs } from '../arbitrary-space.ts';
import { complete, failed, pruned, running } from '../trials.ts';

const line = parseSpace({ x: { type: 'uniform', low: 0, high: 1 } });

/** Random trials whose values are a function of x. */
function history(count: number, compute: (x: number) => number, space: Space = line): TrialRecord[] {
  return Array.from({ length: count }, (_, number) => {
    const values = suggestAtRandom({ space, number, seed: 9, direction: 'minimize', trials: [] });
    return complete(number, values, compute(Number(values['x'])));
  });
}

/** The x of several suggestions from the same trials. */
function suggestions(trials: readonly TrialRecord[], direction: Direction, count = 40): number[] {
  const sampler = createTpeSampler();
  return Array.from({ length: count }, (_, n) => {
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
        const values = suggestAtRandom({ space, number, seed, direction: 'minimize', trials: [] });
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

  it('searches wider with fewer candidates', () => {
    const trials = history(40, (x) => (x - 0.2) ** 2);
    const spread = (candidates: number) => {
      const sampler = createTpeSampler({ candidates });
      const xs = Array.from({ length: 40 }, (_, n) => {
        const request = { space: line, number: 40 + n, seed: 1, direction: 'minimize', trials } as const;
        return Number(sampler.suggest(request)['x']);
      });
      return share(xs, (x) => Math.abs(x - 0.2) > 0.2);
    };
    expect(spread(1)).toBeGreaterThan(spread(24));
  });
});
