import { rankOf } from '@gru4rec/metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MIXED_BY, type MixBy, mixValues } from '../src/mix.ts';

function valuesOf(by: MixBy, scores: readonly number[]): number[] {
  const values = new Float64Array(scores.length).fill(-9);
  mixValues(by, scores.length).write(Float64Array.from(scores), values);
  return [...values];
}

const someScores = fc.array(
  fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -5, max: 5, noNaN: true })),
  { minLength: 1, maxLength: 150 },
);

describe.each(MIXED_BY)('mixValues by %s', (by) => {
  it('keeps the order of the scores', () => {
    fc.assert(
      fc.property(someScores, (scores) => {
        const values = valuesOf(by, scores);
        for (let item = 1; item < scores.length; item++) {
          // A difference below the precision of the values may be lost, but never reversed.
          expect(
            Math.sign(values[item] - values[item - 1]) * Math.sign(scores[item] - scores[item - 1]),
          ).not.toBe(-1);
          if (scores[item] === scores[item - 1]) expect(values[item]).toBe(values[item - 1]);
        }
      }),
      { seed: 1 },
    );
  });

  it('is independent of the scale of the scores', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 150 }), (scores) => {
        // Powers of two avoid rounding. A row of equal scores has no scale.
        fc.pre(new Set(scores).size > 1 && !headIsFlat(scores));
        const scaled = scores.map((score) => 4 * score + 8);
        expect(valuesOf(by, scaled)).toEqual(valuesOf(by, scores));
      }),
      { seed: 1 },
    );
  });

  it('reads float32 scores, forgets the previous row, and keeps NaN', () => {
    const maker = mixValues(by, 3);
    const values = new Float64Array(3);
    maker.write(Float32Array.of(5, 4, 6), values);
    maker.write(Float32Array.of(3, 1, 2), values);
    expect([...values]).toEqual(valuesOf(by, [3, 1, 2]));
    maker.write(Float32Array.of(3, Number.NaN, 2), values);
    expect(values[1]).toBeNaN();
  });
});

function headIsFlat(scores: readonly number[]): boolean {
  const sorted = [...scores].sort((a, b) => b - a);
  return sorted[0] === sorted[Math.min(99, sorted.length - 1)];
}

describe('mixValues', () => {
  it('gives 1 / (60 + rank), with the mean rank for ties', () => {
    expect(valuesOf('rank', [3, 1, 2])).toEqual([1 / 61, 1 / 63, 1 / 62]);
    expect(valuesOf('rank', [0, 7, 0, 0, 8])).toEqual([1 / 64, 1 / 62, 1 / 64, 1 / 64, 1 / 61]);
    expect(valuesOf('rank', [0, -0, Number.NEGATIVE_INFINITY])).toEqual([1 / 61.5, 1 / 61.5, 1 / 63]);
  });

  it('agrees with ranks by the median rule', () => {
    fc.assert(
      fc.property(someScores, (scores) => {
        const row = Float64Array.from(scores);
        expect(valuesOf('rank', scores)).toEqual(
          scores.map((_, item) => 1 / (60 + rankOf(row, item, 'median'))),
        );
      }),
      { seed: 1 },
    );
  });

  it('spans 0 to 1 with the scores of up to 100 items', () => {
    expect(valuesOf('score', [3, 1, 2, 5])).toEqual([2 / 4, 0, 1 / 4, 1]);
  });

  it('spans 0 to 1 with the best 100 of more items, the others above -1', () => {
    // The best is 200, the hundredth 101.
    const scores = Array.from({ length: 150 }, (_, item) => 200 - item);
    const values = valuesOf('score', [...scores, -1e6, Number.NEGATIVE_INFINITY]);
    expect([values[0], values[49], values[99]]).toEqual([1, (151 - 101) / 99, 0]);
    expect(values[149]).toBeCloseTo(-(50 / 99) / (1 + 50 / 99), 12);
    expect(values[150]).toBeGreaterThan(-1);
    expect(values[151]).toBe(-1);
  });

  it('does not divide by 0 if the best scores are equal', () => {
    expect(valuesOf('score', [2, 2])).toEqual([0, 0]);
    const flat = Array.from({ length: 100 }, () => 5);
    expect(valuesOf('score', [...flat, 4])).toEqual([...flat.map(() => 0), 1 / 2 - 1]);
  });
});
