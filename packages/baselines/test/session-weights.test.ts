import { checkOptions } from '@gru4rec/checked-options';
import { describe, expect, it } from 'vitest';
import { idfCheck, lambdaCheck, neighbourhood, neighbourhoodChecks } from '../src/session-weights.ts';

const check = (options: object) => () =>
  checkOptions<object>('vstan', options, {
    ...neighbourhoodChecks,
    lambda1: lambdaCheck,
    idfWeight: idfCheck,
  });

describe('neighbourhood', () => {
  it('uses defaults, among them all sessions', () => {
    expect(neighbourhood({ sampleSize: 7 }, { neighbours: 5, sampleSize: 10 })).toEqual({
      neighbours: 5,
      sampleSize: 7,
      indexSessions: Infinity,
    });
  });

  it('accepts positive numbers, with Infinity for a λ and all sessions', () => {
    expect(check({ neighbours: 1, indexSessions: Infinity, lambda1: Infinity, idfWeight: 0 })).not.toThrow();
    expect(check({ lambda1: 1e-5 })).not.toThrow();
  });

  it.each([
    [{ neighbours: 0 }, '"neighbours" expected integer >= 1, got 0.'],
    [{ indexSessions: 0 }, '"indexSessions" expected integer >= 1 or Infinity, got 0.'],
    [{ lambda1: 0 }, '"lambda1" expected number > 0, got 0. Infinity switches it off.'],
    [{ idfWeight: Number.NaN }, '"idfWeight" expected finite number >= 0, got NaN. 0 switches it off.'],
  ])('refuses %j', (options, message) => {
    expect(check(options)).toThrow(new RangeError(`vstan: ${message}`));
  });
});
