import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { divide, ExactSums } from '../src/rules.ts';

function sumOf(fractions: readonly (readonly [over: number, under: number])[]): number {
  const sums = new ExactSums(1);
  for (const [over, under] of fractions) sums.add(0, divide(over, under));
  return sums.at(0);
}

describe('divide', () => {
  it('gives the rounding error of the quotient', () => {
    const { high, low } = divide(1, 3);
    // 1/3 in binary is 0.010101…: after 53 digits, a third of the last unit remains.
    expect(high).toBe(1 / 3);
    expect(low).toBe(2 ** -54 / 3);
    expect(divide(3, 4)).toEqual({ high: 3 / 4, low: 0 });
  });
});

describe('ExactSums', () => {
  it('rounds once, in any order of addition', () => {
    const fractions = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 12 })), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(fractions, (drawn) => {
        // In units of 1 / 27720, the least common multiple of 1 to 12.
        const exact = drawn.reduce((sum, [over, under]) => sum + (27_720 * over) / under, 0) / 27_720;
        expect(sumOf(drawn)).toBe(exact);
        expect(sumOf(drawn.toReversed())).toBe(exact);
      }),
      { seed: 1 },
    );
  });

  it('adds many thirds to the nearest float64', () => {
    expect(sumOf(Array.from({ length: 100_000 }, () => [1, 3]))).toBe(100_000 / 3);
  });

  it('keeps sums separate, and clears them', () => {
    const sums = new ExactSums(2);
    sums.add(0, divide(1, 3));
    sums.add(1, divide(1, 2));
    expect([sums.at(0), sums.at(1)]).toEqual([1 / 3, 1 / 2]);
    sums.clear(0);
    expect([sums.at(0), sums.at(1)]).toEqual([0, 1 / 2]);
  });
});
