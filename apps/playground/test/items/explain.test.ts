import { describe, expect, it } from 'vitest';
import { leaveOneOut, type Measure, MOST_LEFT_OUT, type ScoresAfter } from '../../src/page/items/explain.ts';

/** Scores that add a vector per clicked item, so that each contribution is known. */
const vectors = [
  [2, 0, 0],
  [0, 1, 0],
  [0, -1, 3],
];
const additive = (clicks: readonly number[]): Float64Array =>
  Float64Array.from([0, 1, 2], (item) =>
    clicks.reduce((sum, click) => sum + (vectors[click]?.[item] ?? 0), 0),
  );

const explain = (
  clicks: readonly number[],
  targets: readonly number[],
  measure: Measure,
  excluded: readonly number[] = [],
  scoresAfter: ScoresAfter = additive,
) => leaveOneOut(clicks, targets, { scoresAfter, measure, excluded });

describe('leaveOneOut', () => {
  it('finds what each click adds to a score above the mean', () => {
    const { clicks } = explain([0, 1, 2], [0, 2], 'above-mean');
    expect(clicks.map(({ position }) => position)).toEqual([0, 1, 2]);
    // A click adds its vector minus the mean of the vector.
    const near = (...changes: number[]) => changes.map((change) => expect.closeTo(change, 12));
    expect(clicks.map(({ changes }) => changes)).toEqual([
      near(2 - 2 / 3, -2 / 3),
      near(-1 / 3, -1 / 3),
      near(-2 / 3, 3 - 2 / 3),
    ]);
  });

  it('measures cross-entropy in logarithms of probabilities', () => {
    const probabilityOf = (scores: Float64Array, item: number): number =>
      Math.exp(scores[item] as number) / scores.reduce((sum, score) => sum + Math.exp(score), 0);
    const { clicks } = explain([0, 2], [2], 'log-probability');
    const full = probabilityOf(additive([0, 2]), 2);
    expect(clicks.map(({ changes }) => changes[0])).toEqual([
      expect.closeTo(Math.log(full / probabilityOf(additive([2]), 2)), 12),
      expect.closeTo(Math.log(full / probabilityOf(additive([0]), 2)), 12),
    ]);
  });

  it('compares with the items that the list may contain only', () => {
    // Without item 0, items 1 and 2 share the probability: σ of the difference of their scores.
    const { clicks } = explain([1, 2], [1], 'log-probability', [0]);
    const shareOf = (one: number, other: number) => 1 / (1 + Math.exp(other - one));
    expect(clicks.map(({ changes }) => changes[0])).toEqual([
      expect.closeTo(Math.log(shareOf(0, 3) / shareOf(-1, 3)), 12),
      expect.closeTo(Math.log(shareOf(0, 3) / shareOf(1, 0)), 12),
    ]);
    expect(clicks.map(({ places }) => places[0])).toEqual([2, 1]);
    const mean = explain([1, 2], [1], 'above-mean', [0]);
    expect(mean.clicks[0]?.changes[0]).toBeCloseTo(0 - 1.5 - (-1 - 1), 12);
  });

  it('is not upset by great scores', () => {
    const scoresAfter = (clicks: readonly number[]) => additive(clicks).map((score) => 1000 * score);
    const [first] = explain([0, 1], [0], 'log-probability', [], scoresAfter).clicks;
    expect(first?.changes[0]).toBeCloseTo(1000, 6);
  });

  it('finds the place that an item would have, with equal scores in order of the items', () => {
    const { clicks } = explain([0, 1], [0, 1, 2], 'above-mean');
    expect(clicks.map(({ places }) => places)).toEqual([
      [2, 1, 3], // without the first click: 0, 1, 0
      [1, 2, 3], // without the second: 2, 0, 0
    ]);
  });

  it('leaves out only the last clicks of a long session', () => {
    const asked: number[] = [];
    const scoresAfter = (clicks: readonly number[]) => {
      asked.push(clicks.length);
      return additive(clicks);
    };
    const { clicks } = explain(new Array(20).fill(0), [0], 'above-mean', [], scoresAfter);
    expect(clicks.map(({ position }) => position)).toEqual([12, 13, 14, 15, 16, 17, 18, 19]);
    expect(asked).toEqual([20, ...new Array(MOST_LEFT_OUT).fill(19)]);
  });

  it('explains nothing by a single click', () => {
    expect(explain([1], [0], 'above-mean').clicks).toEqual([]);
  });
});
