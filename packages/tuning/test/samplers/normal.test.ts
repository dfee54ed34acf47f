import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalCdf, normalDensity, normalMass } from '../../src/samplers/normal.ts';

describe('normalCdf', () => {
  // From tables with at least 16 digits.
  it.each([
    [0, 0.5],
    [1, 0.8413447460685429],
    [-2, 0.02275013194817921],
    [-3, 0.0013498980316300946],
    [-5, 2.866515718791939e-7],
    [-10, 7.61985302416052e-24],
    [3, 0.9986501019683699],
  ])('of %d is %d', (x, expected) => {
    expect(Math.abs(normalCdf(x) / expected - 1)).toBeLessThan(1e-12);
  });

  it('is 0 and 1 at the ends', () => {
    expect(normalCdf(Number.NEGATIVE_INFINITY)).toBe(0);
    expect(normalCdf(Number.POSITIVE_INFINITY)).toBe(1);
  });

  it('increases, even at the switch from series to continued fraction', () => {
    fc.assert(
      fc.property(fc.double({ min: -8, max: 8, noNaN: true }), (x) => {
        expect(normalCdf(x)).toBeLessThanOrEqual(normalCdf(x + 1e-6));
      }),
    );
  });
});

describe('normalDensity', () => {
  it('is the derivative of the distribution', () => {
    for (const x of [-4, -1, 0, 0.5, 2]) {
      expect(normalDensity(x)).toBeCloseTo((normalCdf(x + 1e-5) - normalCdf(x - 1e-5)) / 2e-5, 8);
    }
  });
});

describe('normalMass', () => {
  it('is the same on both sides, in the tails too', () => {
    expect(normalMass(1, 2)).toBe(normalMass(-2, -1));
    const tail = normalMass(9, 10);
    expect(Math.abs(tail / (normalCdf(-9) - normalCdf(-10)) - 1)).toBeLessThan(1e-12);
    expect(tail).toBeGreaterThan(0);
  });

  it('adds up', () => {
    expect(normalMass(-1, 0.5) + normalMass(0.5, 3)).toBeCloseTo(normalMass(-1, 3), 14);
  });
});
