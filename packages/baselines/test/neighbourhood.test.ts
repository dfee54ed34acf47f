import { describe, expect, it } from 'vitest';
import { checkIdfWeight, checkLambdas, checkNeighbourhood, choose } from '../src/neighbourhood.ts';

describe('checkNeighbourhood', () => {
  it('takes positive integers alone', () => {
    expect(() => checkNeighbourhood('stan', { neighbours: 1, sampleSize: 1 })).not.toThrow();
    expect(() => checkNeighbourhood('stan', { neighbours: 0, sampleSize: 1 })).toThrow(
      new RangeError('stan: "neighbours" expected integer >= 1, got 0.'),
    );
    expect(() => checkNeighbourhood('stan', { neighbours: 1, sampleSize: 0.5 })).toThrow(
      new RangeError('stan: "sampleSize" expected integer >= 1, got 0.5.'),
    );
  });
});

describe('checkLambdas', () => {
  it('takes positive numbers and Infinity', () => {
    expect(() => checkLambdas('stan', { lambda1: 1e-5, lambda2: Infinity })).not.toThrow();
    expect(() => checkLambdas('stan', { lambda1: 1, lambda2: 0 })).toThrow(
      new RangeError('stan: "lambda2" expected number > 0, got 0. Infinity switches it off.'),
    );
    expect(() => checkLambdas('stan', { lambda1: '5' as unknown as number })).toThrow(RangeError);
  });
});

describe('checkIdfWeight', () => {
  it('takes finite numbers from 0', () => {
    expect(() => checkIdfWeight('vstan', 0)).not.toThrow();
    expect(() => checkIdfWeight('vstan', Number.NaN)).toThrow(
      new RangeError('vstan: "idfWeight" expected finite number >= 0, got NaN. 0 switches it off.'),
    );
  });
});

describe('choose', () => {
  it('gives what stands behind a value', () => {
    expect(choose('f', 'size', { small: 1, large: 2 }, 'large')).toBe(2);
  });

  it('lists the values that are allowed', () => {
    expect(() => choose('f', 'size', { small: 1, large: 2 }, 'constructor')).toThrow(
      new RangeError('f: "size" expected one of small, large, got constructor.'),
    );
  });
});
