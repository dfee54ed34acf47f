import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AliasTable, buildAliasTable } from '../src/alias-table.ts';

/** The distribution of a table: the sum over its cells. */
function probabilities({ threshold, alias }: AliasTable): number[] {
  const items = threshold.length;
  const sums = new Array<number>(items).fill(0);
  for (let cell = 0; cell < items; cell++) {
    const own = alias[cell] === cell ? 1 : threshold[cell] / 2 ** 32;
    sums[cell] += own / items;
    sums[alias[cell]] += (1 - own) / items;
  }
  return sums;
}

describe('buildAliasTable', () => {
  it.each([
    ['one item', [3]],
    ['weights of powers of two', [1, 2, 4, 1]],
    ['a single weight above zero', [0, 0, 7, 0]],
  ])('is exact for %s', (_name, weights) => {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const table = buildAliasTable(Float64Array.from(weights));
    expect(probabilities(table)).toEqual(weights.map((weight) => weight / total));
  });

  it('has only the error of rounding each share', () => {
    const weight = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.array(weight, { minLength: 1, maxLength: 60 }), (weights) => {
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        fc.pre(total > 1e-300);
        const sums = probabilities(buildAliasTable(Float64Array.from(weights)));
        for (const [item, weight] of weights.entries()) {
          // At most I cells of width 1 / I, each with an error of 2⁻³² of its width.
          expect(Math.abs(sums[item] - weight / total)).toBeLessThanOrEqual(2 ** -32);
        }
      }),
      { seed: 1 },
    );
  });

  it('gives items of weight 0 no share with any other weights', () => {
    const weight = fc.oneof(fc.constant(0), fc.double({ min: 1e-3, max: 1e9, noNaN: true }));
    fc.assert(
      fc.property(fc.array(weight, { minLength: 1, maxLength: 200 }), (weights) => {
        fc.pre(weights.some((weight) => weight > 0));
        const { threshold, alias } = buildAliasTable(Float64Array.from(weights));
        for (const [cell, weight] of weights.entries()) {
          if (weight === 0) expect(threshold[cell]).toBe(0);
          expect(weights[alias[cell]]).toBeGreaterThan(0);
        }
      }),
      { seed: 2 },
    );
  });
});
