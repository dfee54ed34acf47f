import { evaluate } from '@gru4rec/metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBaseline } from '../src/create-baseline.ts';
import { mix, writeScaled } from '../src/mix.ts';
import { brokenScorer, constantScorer } from './constant-scorer.ts';
import { someSessions, stepWith, toData } from './sessions.ts';

const [a, b, c] = [
  constantScorer('A', [3, 1, 2]),
  constantScorer('B', [0, 5, 5]),
  constantScorer('C', [0.1, 0.3, 0]),
];

describe('mix', () => {
  it('adds weighted scores, scaled to 0 to 1', () => {
    const expected = [1 + 2 * (0.1 / 0.3), 0.5 + 2, 1 / 2 + 0.5];
    const scorer = mix([a, b, c], { weights: [1, 0.5, 2] });
    expect(scorer.itemCount).toBe(3);
    const scores = stepWith(scorer.open(1), [0], [1]);
    for (const [item, score] of scores.entries()) expect(score).toBeCloseTo(expected[item], 15);
  });

  it.each([
    [[a, b], [0.6, 0.4], 'mix of A 0.6 and B 0.4'],
    [[a, b], [0.9, 1 - 0.9], 'mix of A 0.9 and B 0.1'],
    [[a, b, c], [1 / 3, 0, 2 / 3], 'mix of A 0.333, B 0 and C 0.667'],
  ])('is named by its scorers and weights (%#)', (scorers, weights, name) => {
    expect(mix(scorers, { weights }).name).toBe(name);
  });

  it('predicts like its only scorer with a weight', () => {
    fc.assert(
      fc.property(someSessions, (sessions) => {
        const data = toData(8, ...sessions, [1, 2]);
        const knn = createBaseline('item-knn', data);
        const mixed = mix([knn, createBaseline('pop', data)], { weights: [0.3, 0] });
        const options = { cutoffs: [1, 3], tieRule: 'standard', support: data.support } as const;
        // Warnings name the scorer.
        const { warnings: _, ...expected } = evaluate(knn, data.train, options);
        expect(evaluate(mixed, data.train, options)).toMatchObject(expected);
      }),
      { seed: 1, numRuns: 30 },
    );
  });

  it('closes every scorer that it opened, even after one that fails', () => {
    const [first, last] = [constantScorer('A', [1, 2]), constantScorer('B', [1, 2])];
    const failing = (part: 'open' | 'close') =>
      mix([first, brokenScorer(2, part), last], { weights: [1, 1, 1] }).open(1);
    expect(() => failing('close').close()).toThrow(new Error('no close'));
    expect([first.closed, last.closed]).toEqual([1, 1]);
    expect(() => failing('open')).toThrow(new Error('no open'));
    expect([first.closed, last.closed]).toEqual([2, 1]);
  });

  it('keeps a NaN', () => {
    const mixed = mix([a, constantScorer('bad', [1, Number.NaN, 2])], { weights: [1, 0] });
    const sessions = { sessionOffsets: Int32Array.of(0, 2), items: Int32Array.of(0, 1) };
    expect(() => evaluate(mixed, sessions, { cutoffs: [1] })).toThrow(/cannot be ranked after 0 predictions/);
  });

  it('refuses scores of another length than slots × items', () => {
    const short = { ...a, name: 'short', open: () => constantScorer('', [1, 2]).open(1) };
    expect(() => stepWith(mix([a, short], { weights: [1, 1] }).open(1), [0], [1])).toThrow(
      new RangeError('step: scores of short expected 1 × 3 numbers, got 2.'),
    );
  });

  it.each([
    [[], { weights: [] }, '"scorers" expected one or more scorers, got none.'],
    [
      [a, constantScorer('D', [1, 2])],
      { weights: [1, 1] },
      '"scorers" expected 3 items, as A has, got 2 of D. Fit them to the same items.',
    ],
    [[a, b], { weights: [1] }, '"weights" expected 2 numbers, one per scorer, got 1.'],
    [[a, b], { weights: [1, -1] }, '"weights" expected finite number >= 0 at index 1, got -1.'],
    [[a, b], { weights: [0, 0] }, '"weights" expected a number > 0 among them, got only 0.'],
  ])('refuses scorers that cannot be mixed (%#)', (scorers, options, message) => {
    expect(() => mix(scorers, options)).toThrow(new RangeError(`mix: ${message}`));
  });
});

function valuesOf(scores: readonly number[]): number[] {
  const values = new Float64Array(scores.length).fill(-9);
  writeScaled(Float64Array.from(scores), values);
  return [...values];
}

const someScores = fc.array(
  fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -5, max: 5, noNaN: true })),
  { minLength: 1, maxLength: 150 },
);

function headIsFlat(scores: readonly number[]): boolean {
  const sorted = [...scores].sort((a, b) => b - a);
  return sorted[0] === sorted[Math.min(99, sorted.length - 1)];
}

describe('writeScaled', () => {
  it('keeps the order of the scores', () => {
    fc.assert(
      fc.property(someScores, (scores) => {
        const values = valuesOf(scores);
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
        expect(valuesOf(scaled)).toEqual(valuesOf(scores));
      }),
      { seed: 1 },
    );
  });

  it('reads float32 scores, and keeps NaN', () => {
    const values = new Float64Array(3);
    writeScaled(Float32Array.of(3, 1, 2), values);
    expect([...values]).toEqual(valuesOf([3, 1, 2]));
    writeScaled(Float32Array.of(3, Number.NaN, 2), values);
    expect(values[1]).toBeNaN();
  });

  it('spans 0 to 1 with the scores of up to 100 items', () => {
    expect(valuesOf([3, 1, 2, 5])).toEqual([2 / 4, 0, 1 / 4, 1]);
  });

  it('spans 0 to 1 with the best 100 of more items, the others above -1', () => {
    // The best is 200, the hundredth 101.
    const scores = Array.from({ length: 150 }, (_, item) => 200 - item);
    const values = valuesOf([...scores, -1e6, Number.NEGATIVE_INFINITY]);
    expect([values[0], values[49], values[99]]).toEqual([1, (151 - 101) / 99, 0]);
    expect(values[149]).toBeCloseTo(-(50 / 99) / (1 + 50 / 99), 12);
    expect(values[150]).toBeGreaterThan(-1);
    expect(values[151]).toBe(-1);
  });

  it('does not divide by 0 if the best scores are equal', () => {
    expect(valuesOf([2, 2])).toEqual([0, 0]);
    const flat = Array.from({ length: 100 }, () => 5);
    expect(valuesOf([...flat, 4])).toEqual([...flat.map(() => 0), 1 / 2 - 1]);
  });
});
