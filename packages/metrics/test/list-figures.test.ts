import { describe, expect, it } from 'vitest';
import { evaluate, evaluateParts } from '../src/index.ts';
import { listDiversity, MeanPopularity, popularityBias } from '../src/list-figures.ts';
import { constantScorer } from './scorers.ts';
import { toSessions } from './to-sessions.ts';

describe('MeanPopularity', () => {
  it('has the mean self-information of the items that training has seen', () => {
    const popularity = new MeanPopularity([8, 4, 3, 1, 0]);
    popularity.add(Int32Array.of(0, 1, 4));
    popularity.add(Int32Array.of(4, 3));
    expect(popularity.novelty).toBe((1 + 2 + 4) / 3);
    const always = new MeanPopularity([0, 7]);
    always.add(Int32Array.of(1));
    expect(always.novelty).toBe(0);
  });
});

it('popularityBias is infinite if no target occurs in training', () => {
  expect(popularityBias(0.5, 0)).toBe(Number.POSITIVE_INFINITY);
});

/** Items 0 and 1 point the same way, item 2 at a right angle, item 3 the other way; item 4 has no direction. */
const embeddings = { cols: 2, values: Float32Array.of(1, 0, 2, 0, 0, 3, -1, 0, 0, 0) };

describe('listDiversity', () => {
  it.each([
    [[0, 1], 0],
    [[0, 2], 1],
    [[0, 3], 2],
    [[0, 4], 1],
    [[0, 1, 2], (0 + 1 + 1) / 3],
    [[0, 1, 2, 3], (0 + 1 + 2 + 1 + 2 + 1) / 6],
  ])('is the mean of 1 − cosine over the pairs of a list: %j', (list, expected) => {
    expect(listDiversity(Int32Array.from(list), embeddings)).toBeCloseTo(expected, 12);
  });
});

describe('evaluate with embeddings', () => {
  const scorer = constantScorer([5, 4, 3, 2, 1]);

  it('averages the lists of two items or more, in parts to the same bits', async () => {
    const options = { cutoffs: [1, 4], excludeSeen: true, embeddings };
    const [first, second] = [
      [3, 0, 2],
      [1, 4],
    ].map((session) => toSessions(session));
    const { results } = evaluate(scorer, toSessions([3, 0, 2], [1, 4]), options);
    expect(results[0]).not.toHaveProperty('diversity');
    // 0, 1, 2, 4 without item 3; 1, 2, 4 without 3 and 0; 0, 2, 3, 4 without 1.
    const lists = [(0 + 1 + 1 + 1 + 1 + 1) / 6, (1 + 1 + 1) / 3, (1 + 2 + 1 + 1 + 1 + 1) / 6];
    expect(results[1]?.diversity).toBeCloseTo(lists.reduce((sum, x) => sum + x, 0) / 3, 6);
    const parts = await evaluateParts(scorer, [first, second] as never, options);
    expect(parts.results[1]?.diversity).toBe(results[1]?.diversity);
  });

  it('refuses embeddings of other items', () => {
    const given = { cols: 2, values: new Float32Array(8) };
    expect(() => evaluate(scorer, toSessions([3, 0]), { cutoffs: [2], embeddings: given })).toThrow(
      'evaluate: "embeddings" expected 5 × 2 values, one row per item of constant, got 8.',
    );
  });
});
