import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyTieRule, rankOf, ranksTogether, TIE_RULES } from '../src/rank.ts';

describe('rankOf', () => {
  // Two items are better than item 2, three have its score: itself, 4 and 5.
  const scores = Float64Array.of(9, 1, 5, 7, 5, 5);

  it('ranks a target ahead of equal scores by default', () => {
    expect(rankOf(scores, 2)).toBe(2 + 1);
  });

  it('gives an excluded target rank Infinity', () => {
    expect(rankOf(scores, 2, 'standard', new Set([2]))).toBe(Number.POSITIVE_INFINITY);
  });

  it('accepts infinite scores', () => {
    expect(rankOf(Float64Array.of(-Infinity, Infinity, -Infinity, 0), 2, 'conservative')).toBe(4);
  });

  it.each([3, 0.5])('refuses target %s', (target) => {
    expect(() => rankOf(new Float32Array(3), target)).toThrow(
      new RangeError(`rankOf: "target" expected integer in [0, 3), got ${target}.`),
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

describe('ranksTogether', () => {
  // Items 0 and 3 are better than item 2; items 1, 2, 4 and 5 have equal scores.
  const scores = Float64Array.of(9, 5, 5, 7, 5, 5);

  it.each([
    ['standard', [1, 2 + 1, 2 + 2]],
    ['conservative', [1, 2 + 4 - 1, 2 + 4]],
    ['median', [1, 2 + 5 / 3, 2 + 10 / 3]],
  ] as const)('gives no position twice with the rule %s', (tieRule, ranks) => {
    const found = ranksTogether(scores, Int32Array.of(0, 2, 5), tieRule);
    expect(found).toEqual(Float64Array.from(ranks));
  });

  it.each([0, 1])('refuses a NaN score of item 1 when it ranks item %s, as rankOf does', (target) => {
    const row = Float32Array.of(1, Number.NaN, 2);
    for (const rank of [
      () => rankOf(row, target),
      () => ranksTogether(row, Int32Array.of(target), 'standard'),
    ]) {
      expect(rank).toThrow(new RangeError('rankOf: "scores" expected numbers, got NaN at item index 1.'));
    }
  });

  const rows = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 12 });
  const items = fc.uniqueArray(fc.nat({ max: 11 }));

  it('ranks one target like rankOf', () => {
    fc.assert(
      fc.property(rows, fc.nat(), items, fc.constantFrom(...TIE_RULES), (row, pick, left, tieRule) => {
        const target = pick % row.length;
        const excluded = new Set(left.filter((item) => item < row.length));
        const scores = Float64Array.from(row);
        expect([...ranksTogether(scores, Int32Array.of(target), tieRule, excluded)]).toEqual([
          rankOf(scores, target, tieRule, excluded),
        ]);
      }),
      { seed: 1 },
    );
  });

  it('agrees with positions in sorted lists', () => {
    fc.assert(
      fc.property(rows, items, items, (row, wanted, left) => {
        const targets = wanted.filter((item) => item < row.length);
        const excluded = new Set(left);
        const kept = [...row.keys()].filter((item) => !excluded.has(item));
        for (const [tieRule, sign] of [
          ['standard', -1],
          ['conservative', 1],
        ] as const) {
          const favour = (item: number) => (targets.includes(item) ? sign : 0);
          const list = kept.toSorted((a, b) => row[b] - row[a] || favour(a) - favour(b));
          const places = targets.map((item) => (excluded.has(item) ? Infinity : list.indexOf(item) + 1));
          const ranks = ranksTogether(Float64Array.from(row), Int32Array.from(targets), tieRule, excluded);
          expect([...ranks].sort()).toEqual(places.sort());
        }
      }),
      { seed: 1 },
    );
  });
});

describe('applyTieRule', () => {
  it('gives the i-th of m equals its mean position over all orders with the rule median', () => {
    const [equal, targets] = [5, 2];
    const places = [1, 2, 3, 4, 5];
    const pairs = places.flatMap((first) =>
      places.filter((second) => second > first).map((second) => [first, second]),
    );
    for (const order of [1, 2]) {
      const mean = pairs.reduce((sum, pair) => sum + pair[order - 1], 0) / pairs.length;
      expect(applyTieRule({ better: 3, equal }, 'median', order, targets)).toBeCloseTo(3 + mean, 12);
    }
  });
});
