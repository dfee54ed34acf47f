import { describe, expect, it } from 'vitest';
import { checkIdfWeight, checkLambdas, choose, neighbourhood } from '../src/neighbourhood.ts';

describe('neighbourhood', () => {
  const defaults = { neighbours: 5, sampleSize: 10 };

  it('uses defaults, among them all sessions', () => {
    expect(neighbourhood('stan', { sampleSize: 7 }, defaults)).toEqual({
      neighbours: 5,
      sampleSize: 7,
      indexSessions: Infinity,
    });
  });

  it.each([
    [{ neighbours: 0 }, '"neighbours" expected integer >= 1, got 0.'],
    [{ sampleSize: 0.5 }, '"sampleSize" expected integer >= 1, got 0.5.'],
    [{ indexSessions: 0 }, '"indexSessions" expected integer >= 1 or Infinity, got 0.'],
    [{ indexSessions: 2.5 }, '"indexSessions" expected integer >= 1 or Infinity, got 2.5.'],
  ])('refuses %j', (options, message) => {
    expect(() => neighbourhood('stan', options, defaults)).toThrow(new RangeError(`stan: ${message}`));
  });
});

describe('checkLambdas', () => {
  it('accepts positive numbers and Infinity', () => {
    expect(() => checkLambdas('stan', { lambda1: 1e-5, lambda2: Infinity })).not.toThrow();
    expect(() => checkLambdas('stan', { lambda1: 1, lambda2: 0 })).toThrow(
      new RangeError('stan: "lambda2" expected number > 0, got 0. Infinity switches it off.'),
    );
    expect(() => checkLambdas('stan', { lambda1: '5' as unknown as number })).toThrow(RangeError);
  });
});

describe('checkIdfWeight', () => {
  it('accepts finite numbers from 0', () => {
    expect(() => checkIdfWeight('vstan', 0)).not.toThrow();
    expect(() => checkIdfWeight('vstan', Number.NaN)).toThrow(
      new RangeError('vstan: "idfWeight" expected finite number >= 0, got NaN. 0 switches it off.'),
    );
  });
});

describe('choose', () => {
  it('gives the entry for a value', () => {
    expect(choose('f', 'size', { small: 1, large: 2 }, 'large')).toBe(2);
  });

  it('lists the allowed values', () => {
    expect(() => choose('f', 'size', { small: 1, large: 2 }, 'constructor')).toThrow(
      new RangeError('f: "size" expected one of small, large, got constructor.'),
    );
  });
});
