import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rankOf, TIE_RULES, type TieRule } from '../src/rank.ts';

describe('rankOf', () => {
  // Two items are better than item 2, three have its score: itself, 4 and 5.
  const scores = Float64Array.of(9, 1, 5, 7, 5, 5);

  it('ranks a target ahead of equal scores by default', () => {
    expect(rankOf(scores, 2)).toBe(2 + 1);
  });

  it.each([
    ['standard', 2 + 1],
    ['conservative', 2 + 3],
    ['median', 2 + (3 + 1) / 2],
  ] as const)('ranks ties with the rule %s', (tieRule, rank) => {
    expect(rankOf(scores, 2, tieRule)).toBe(rank);
  });

  it.each([
    ['standard', 1],
    ['conservative', 4],
    ['median', 2.5],
  ] as const)('ranks one of four equal scores with the rule %s', (tieRule, rank) => {
    expect(rankOf(new Float32Array(4), 3, tieRule)).toBe(rank);
  });

  it('gives the same rank with every rule if no score is equal', () => {
    expect(TIE_RULES.map((rule) => rankOf(scores, 3, rule))).toEqual([2, 2, 2]);
  });

  it.each([
    ['standard', 1 + 1],
    ['conservative', 1 + 2],
    ['median', 1 + (2 + 1) / 2],
  ] as const)('leaves out excluded items, better and equal ones, with the rule %s', (tieRule, rank) => {
    expect(rankOf(scores, 2, tieRule, new Set([0, 1, 4]))).toBe(rank);
  });

  it('gives an excluded target rank Infinity', () => {
    expect(rankOf(scores, 2, 'standard', new Set([2]))).toBe(Number.POSITIVE_INFINITY);
  });

  it('accepts infinite scores', () => {
    expect(rankOf(Float64Array.of(-Infinity, Infinity, -Infinity, 0), 2, 'conservative')).toBe(4);
  });

  it.each([0, 1, 2])('refuses a NaN score of item 1 when it ranks item %s', (target) => {
    expect(() => rankOf(Float32Array.of(3, Number.NaN, 1), target)).toThrow(
      new RangeError('rankOf: "scores" expected numbers, got NaN at item index 1.'),
    );
  });

  it.each([-1, 3, 0.5])('refuses target %s', (target) => {
    expect(() => rankOf(new Float32Array(3), target)).toThrow(
      new RangeError(`rankOf: "target" expected integer in [0, 3), got ${target}.`),
    );
  });

  it('refuses an unknown tie rule', () => {
    expect(() => rankOf(new Float32Array(3), 0, 'best' as TieRule)).toThrow(
      new RangeError(`rankOf: "tieRule" expected 'standard', 'conservative', 'median', got 'best'.`),
    );
  });

  it('agrees with positions in a sorted list', () => {
    const few = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(few, fc.nat(), fc.array(fc.nat({ max: 11 })), (row, pick, left) => {
        const target = pick % row.length;
        const excluded = new Set(left.filter((item) => item < row.length && item !== target));
        const sorted = row.filter((_, item) => !excluded.has(item)).sort((a, b) => b - a);
        const [first, last] = [sorted.indexOf(row[target]) + 1, sorted.lastIndexOf(row[target]) + 1];
        const ranks = TIE_RULES.map((rule) => rankOf(Float64Array.from(row), target, rule, excluded));
        expect(ranks).toEqual([first, last, (first + last) / 2]);
      }),
      { seed: 1 },
    );
  });
});
