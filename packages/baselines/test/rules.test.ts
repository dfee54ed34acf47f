import { evaluate, type Scorer, TIE_RULES } from '@gru4rec/metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BaselineData } from '../src/baseline-kind.ts';
import { countRules, divide, ExactSums, type PairCounting, ruleKind } from '../src/rules.ts';
import { someSessions, stepWith, toData } from './sessions.ts';

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
  const { offsets, items, scores } = countRules(toData(8, ...sessions), counting);
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
});

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
});

describe('ruleKind', () => {
  function ruleScorer(data: BaselineData, counting: PairCounting): Scorer {
    const { title, learn, score } = ruleKind('rules', {}, () => counting);
    return { name: title, ...score(learn(data, {}), {}) };
  }

  const nextEvent: PairCounting = { before: 0, after: 1, weigh: () => [1, 1], repeats: true, pruning: 2 };
  // Item 0 is followed by 1 twice, by 2 once; 1 by nothing; eight events.
  const data = toData(4, [0, 1], [0, 1], [0, 2], [3, 3]);
  const share = [3 / 8 - 1, 2 / 8 - 1, 1 / 8 - 1, 2 / 8 - 1];
  const rules = { one: (2 / 3) * (1 + 2 / 8 / 2 ** 24), two: (1 / 3) * (1 + 1 / 8 / 2 ** 24) };
  const itself = 1 + 2 / 8 / 2 ** 24;

  it('scores items by the rules of the last one, and others by popularity below 0', () => {
    const scorer = ruleScorer(data, nextEvent);
    expect(scorer.itemCount).toBe(4);
    const session = scorer.open(1);
    expect(stepWith(session, [0], [1])).toEqual([share[0], rules.one, rules.two, share[3]]);
    expect(stepWith(session, [1], [0])).toEqual(share);
    expect(stepWith(session, [3], [0])).toEqual([...share.slice(0, 3), itself]);
  });

  it('ranks equal rules by popularity with any tie rule', () => {
    // 1, 2 and 3 come once each after 0; item 2 is in three sessions, 3 in two.
    const scorer = ruleScorer(toData(4, [0, 1], [0, 2], [0, 3], [2, 3], [2]), { ...nextEvent, pruning: 3 });
    const sessions = { sessionOffsets: Int32Array.of(0, 2), items: Int32Array.of(0, 3) };
    for (const tieRule of TIE_RULES) {
      const [result] = evaluate(scorer, sessions, { cutoffs: [4], tieRule }).results;
      expect(result.mrr).toBe(1 / 2);
    }
  });

  it('ranks the greater rule first, even if the other item is more popular', () => {
    const counts = [1001, 1000];
    const sessions = counts.flatMap((count, item) => Array.from({ length: count }, () => [2, item]));
    const popular = Array.from({ length: 5000 }, () => [1]);
    const scores = stepWith(ruleScorer(toData(3, ...sessions, ...popular), nextEvent).open(1), [2], [1]);
    expect(scores[0]).toBeGreaterThan(scores[1]);
  });
});
