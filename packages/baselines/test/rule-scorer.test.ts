import { evaluate, TIE_RULES } from '@gru4rec/metrics';
import { describe, expect, it } from 'vitest';
import { type PairCounting, ruleScorer } from '../src/rules.ts';
import { stepWith, toData } from './sessions.ts';

describe('ruleScorer', () => {
  const nextEvent: PairCounting = { before: 0, after: 1, weigh: () => [1, 1], repeats: true, pruning: 2 };
  // Item 0 is followed by 1 twice, by 2 once; 1 by nothing; eight events.
  const data = toData(
    [
      [0, 1],
      [0, 1],
      [0, 2],
      [3, 3],
    ],
    4,
  );
  const share = [3 / 8 - 1, 2 / 8 - 1, 1 / 8 - 1, 2 / 8 - 1];
  const rules = { one: (2 / 3) * (1 + 2 / 8 / 2 ** 24), two: (1 / 3) * (1 + 1 / 8 / 2 ** 24) };
  const itself = 1 + 2 / 8 / 2 ** 24;

  it('scores items by the rules of the last one, and others by popularity below 0', () => {
    const scorer = ruleScorer('rules', data, nextEvent);
    expect([scorer.name, scorer.itemCount]).toEqual(['rules', 4]);
    const session = scorer.open(1);
    expect(stepWith(session, [0], [1])).toEqual([share[0], rules.one, rules.two, share[3]]);
    expect(stepWith(session, [1], [0])).toEqual(share);
    expect(stepWith(session, [3], [0])).toEqual([...share.slice(0, 3), itself]);
  });

  it('scores slots separately, an idle one by popularity', () => {
    const session = ruleScorer('rules', data, nextEvent).open(2);
    expect(stepWith(session, [-1, 3], [1, 1])).toEqual([...share, ...share.slice(0, 3), itself]);
    expect(stepWith(session, [0, -1], [1, 0])).toEqual([share[0], rules.one, rules.two, share[3], ...share]);
  });

  it('ranks equal rules by popularity with any tie rule', () => {
    // 1, 2 and 3 come once each after 0; item 2 is in three sessions, 3 in two.
    const scorer = ruleScorer('rules', toData([[0, 1], [0, 2], [0, 3], [2, 3], [2]], 4), {
      ...nextEvent,
      pruning: 3,
    });
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
    const scores = stepWith(
      ruleScorer('rules', toData([...sessions, ...popular], 3), nextEvent).open(1),
      [2],
      [1],
    );
    expect(scores[0]).toBeGreaterThan(scores[1]);
  });

  it('does not tie items without a rule at 0', () => {
    const sessions = { sessionOffsets: Int32Array.of(0, 2), items: Int32Array.of(1, 2) };
    const [result] = evaluate(ruleScorer('rules', data, nextEvent), sessions, { cutoffs: [3] }).results;
    expect(result.recall).toBe(0);
  });

  it('refuses data without an event', () => {
    expect(() => ruleScorer('rules', toData([], 4), nextEvent)).toThrow(
      new RangeError('eventShares: "support" expected training events, got a sum of 0.'),
    );
  });
});
