import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countRules, type PairCounting } from '../src/rules.ts';
import { someSessions, toData } from './sessions.ts';

type Sessions = readonly (readonly number[])[];

/** [other item, score] of one item, by the formula over all pairs of positions, in units of 1 / 360. */
function naiveRules(sessions: Sessions, item: number, counting: PairCounting): [number, number][] {
  const weights = new Map<number, number>();
  let pairs = 0;
  for (const session of sessions) {
    for (const [x, from] of session.entries()) {
      for (const [y, to] of session.entries()) {
        if (from !== item || x === y || y < x - counting.before || y > x + counting.after) continue;
        const [over, under] = counting.weigh(Math.abs(x - y));
        const weight = (360 * over) / under;
        if (weight === 0 || (from === to && !counting.repeats)) continue;
        weights.set(to, (weights.get(to) ?? 0) + weight);
        pairs++;
      }
    }
  }
  const support = (wanted: number): number => sessions.flat().filter((other) => other === wanted).length;
  return [...weights]
    .sort((a, b) => b[1] - a[1] || support(b[0]) - support(a[0]) || a[0] - b[0])
    .slice(0, counting.pruning)
    .map(([other, weight]) => [other, weight / 360 / pairs]);
}

/** [other item, score] of each item. */
function rulesOf(sessions: Sessions, counting: PairCounting): [number, number][][] {
  const { offsets, items, scores } = countRules(toData(sessions, 8), counting);
  return Array.from({ length: 8 }, (_, item) =>
    Array.from(items.subarray(offsets[item], offsets[item + 1]), (other, at) => [
      other,
      scores[offsets[item] + at],
    ]),
  );
}

describe('countRules', () => {
  const every: PairCounting = {
    before: Number.POSITIVE_INFINITY,
    after: Number.POSITIVE_INFINITY,
    weigh: () => [1, 1],
    repeats: true,
    pruning: Number.POSITIVE_INFINITY,
  };

  it('agrees with the formula', () => {
    const reach = fc.constantFrom(0, 1, 2, 3, Number.POSITIVE_INFINITY);
    const countings = fc.record({
      before: reach,
      after: reach,
      weigh: fc.constantFrom(
        () => [1, 1] as const,
        (distance: number) => [1, distance] as const,
        (distance: number) => [Math.max(0, 3 - distance), 3] as const,
      ),
      repeats: fc.boolean(),
      pruning: fc.constantFrom(1, 2, 5, Number.POSITIVE_INFINITY),
    });
    fc.assert(
      fc.property(someSessions, countings, (sessions, counting) => {
        const expected = Array.from({ length: 8 }, (_, item) => naiveRules(sessions, item, counting));
        expect(rulesOf(sessions, counting)).toEqual(expected);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('gives scores that sum to 1 per item if every pair weighs 1 and nothing is pruned', () => {
    fc.assert(
      fc.property(someSessions, (sessions) => {
        for (const rules of rulesOf(sessions, every)) {
          const sum = rules.reduce((total, [, score]) => total + score, 0);
          expect(sum).toBeCloseTo(rules.length === 0 ? 0 : 1, 12);
        }
      }),
      { seed: 1 },
    );
  });

  it('keeps the more popular of equal rules, then the lower index', () => {
    const sessions = [[0, 3], [0, 1], [0, 2], [2], [3]];
    const third = 1 / 3;
    expect(rulesOf(sessions, { ...every, before: 0, pruning: 2 })[0]).toEqual([
      [2, third],
      [3, third],
    ]);
  });

  it('treats sums as equal if they are equal as fractions', () => {
    // 1 comes six times, six events after 0, and 2 once right after it: 6 · 1/6 = 1, but 1 − 2⁻⁵³ in float64.
    const late = Array.from({ length: 6 }, () => [0, 3, 3, 3, 3, 3, 1]);
    const counting: PairCounting = { ...every, before: 0, weigh: (distance) => [1, distance] };
    const [rules] = rulesOf([...late, [0, 2]], counting);
    expect(rules?.slice(1)).toEqual([
      [1, 1 / 37],
      [2, 1 / 37],
    ]);
  });

  it('finds the same rules in any order of sessions', () => {
    const weights: PairCounting['weigh'][] = [
      (distance) => [1, distance],
      (distance) => [1, distance ** 2],
      (distance) => [1, Math.log10(distance + 1.7)],
      (distance) => [Math.max(0, 10 - distance), 10],
    ];
    fc.assert(
      fc.property(someSessions, fc.constantFrom(...weights), (sessions, weigh) => {
        const counting = { ...every, weigh, pruning: 2 };
        expect(rulesOf(sessions.toReversed(), counting)).toEqual(rulesOf(sessions, counting));
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('divides by all pairs, pruned ones included', () => {
    const sessions = [[0, 1, 1, 2]];
    expect(rulesOf(sessions, { ...every, pruning: 1 })[0]).toEqual([[1, 2 / 3]]);
  });

  it('does not count pairs across sessions', () => {
    expect(rulesOf([[0], [1], [], [2]], every)).toEqual(Array.from({ length: 8 }, () => []));
  });
});
