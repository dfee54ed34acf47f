import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  breakDownByPopularity,
  breakDownByPosition,
  breakDownBySessionLength,
  warmAndColdSums,
} from '../src/breakdown.ts';
import { evaluate } from '../src/evaluate.ts';
import type { Ranks } from '../src/ranks.ts';
import { constantScorer, historyScorer } from './scorers.ts';
import { toSessions } from './to-sessions.ts';

const support = [4, 3, 2, 1, 0];

/** Ranks items 0 to 4 as 1 to 5. */
function ranksOf(...sessions: readonly (readonly number[])[]): Ranks {
  const { ranks } = evaluate(constantScorer([5, 4, 3, 2, 1]), toSessions(...sessions), {
    cutoffs: [1],
    keepRanks: true,
  });
  if (ranks === undefined) throw new Error('expected ranks');
  return ranks;
}

describe('breakDownByPosition', () => {
  it('averages the predictions after 1, 2, … clicks', () => {
    // Ranks 1, 3 after one click, and 5, 2 after two.
    expect(breakDownByPosition(ranksOf([3, 0, 2], [1, 4, 1]), 3)).toEqual([
      { label: '1', predictions: 2, recall: 1 / 2, mrr: 1 / 2 },
      { label: '2', predictions: 2, recall: 1, mrr: (1 / 3 + 1 / 2) / 2 },
    ]);
  });

  it('groups 5 to 9, and 10 or more', () => {
    const groups = breakDownByPosition(ranksOf(new Array(14).fill(0)), 1);
    expect(groups.map(({ label, predictions }) => [label, predictions])).toEqual([
      ['1', 1],
      ['2', 1],
      ['3', 1],
      ['4', 1],
      ['5–9', 5],
      ['10+', 13 - 9],
    ]);
  });

  it('refuses the cutoff 0', () => {
    expect(() => breakDownByPosition(ranksOf([0, 1]), 0)).toThrow(
      new RangeError('breakDownByPosition: "cutoff" expected integer >= 1, got 0.'),
    );
  });
});

describe('breakDownBySessionLength', () => {
  it('averages the predictions in sessions of 2, 3, … clicks', () => {
    const sessions = [
      [3, 0, 2],
      [1, 4],
      ...[4, 5, 9, 10, 19, 20, 30].map((length) => new Array(length).fill(0)),
    ];
    expect(breakDownBySessionLength(ranksOf(...sessions), 3)).toEqual([
      { label: '2', predictions: 1, recall: 0, mrr: 0 },
      { label: '3', predictions: 2, recall: 1, mrr: (1 + 1 / 3) / 2 },
      { label: '4', predictions: 3, recall: 1, mrr: 1 },
      { label: '5–9', predictions: 4 + 8, recall: 1, mrr: 1 },
      { label: '10–19', predictions: 9 + 18, recall: 1, mrr: 1 },
      { label: '20+', predictions: 19 + 29, recall: 1, mrr: 1 },
    ]);
  });
});

describe('breakDownByPopularity', () => {
  it('makes four groups of targets by shares of the training events, and drops those without a prediction', () => {
    // Quarters begin at 0, 2.5, 5 and 7.5 events: item 0 | 1 | 2 | 3 and 4.
    const labels = (sessions: number[][]) =>
      breakDownByPopularity(ranksOf(...sessions), 3, support).map(({ label }) => label);
    expect(labels([[0, 0, 1, 2, 3, 4]])).toEqual([
      'head (1 item)',
      '2 of 4 (1 item)',
      '3 of 4 (1 item)',
      'tail (2 items)',
    ]);
    expect(labels([[0, 4, 1]])).toEqual(['2 of 4 (1 item)', 'tail (2 items)']);
  });

  it('gives groups about equal shares of the events', () => {
    const supports = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 7, maxLength: 7 });
    fc.assert(
      fc.property(supports, (support) => {
        const every = toSessions([0, 0, 1, 2, 3, 4, 5, 6]);
        const { ranks } = evaluate(historyScorer(7), every, { cutoffs: [1], keepRanks: true });
        const sorted = support.toSorted((a, b) => b - a);
        const total = support.reduce((sum, events) => sum + events, 0);
        let before = 0;
        const expected = [0, 0, 0, 0];
        for (const events of sorted) {
          expected[Math.floor((before / total) * 4 + 1e-9)]++;
          before += events;
        }
        const found = breakDownByPopularity(ranks!, 1, support);
        expect(found.map(({ predictions }) => predictions)).toEqual(expected.filter((items) => items > 0));
      }),
      { seed: 1 },
    );
  });

  it('groups digits by thousands', () => {
    const long = [3000, ...new Array(2500).fill(1)];
    const ranks = { ...ranksOf([0, 1]), target: Int32Array.of(2000) };
    expect(breakDownByPopularity(ranks, 1, long)[0].label).toBe('tail (1,375 items)');
  });

  it.each([
    [[1], '"support" expected an entry for item 1, got 1 entries.'],
    [[0, 0], '"support" expected a sum > 0, got 0.'],
  ])('refuses the support %j', (given, message) => {
    expect(() => breakDownByPopularity(ranksOf([0, 1]), 1, given)).toThrow(
      new RangeError(`breakDownByPopularity: ${message}`),
    );
  });
});

describe('breakdowns', () => {
  it('add up to the total', () => {
    const someSessions = fc.array(fc.array(fc.nat({ max: 6 }), { maxLength: 30 }), { maxLength: 9 });
    fc.assert(
      fc.property(someSessions, fc.integer({ min: 1, max: 7 }), (drawn, cutoff) => {
        const { predictions, results, ranks } = evaluate(historyScorer(7), toSessions(...drawn, [0, 1]), {
          cutoffs: [cutoff],
          tieRule: 'standard',
          keepRanks: true,
        });
        for (const groups of [
          breakDownByPosition(ranks!, cutoff),
          breakDownBySessionLength(ranks!, cutoff),
          breakDownByPopularity(ranks!, cutoff, [9, 8, 7, 3, 2, 1, 1]),
        ]) {
          const sum = (part: 'recall' | 'mrr') =>
            groups.reduce((sum, group) => sum + group[part] * group.predictions, 0);
          expect(groups.reduce((sum, group) => sum + group.predictions, 0)).toBe(predictions);
          expect(sum('recall') / predictions).toBeCloseTo(results[0].recall, 12);
          expect(sum('mrr') / predictions).toBeCloseTo(results[0].mrr, 12);
        }
      }),
      { seed: 1 },
    );
  });
});

describe('warmAndColdSums', () => {
  it('averages targets with and without training events apart, in parts as in one', () => {
    // Targets 0, 2, 4 and 1, 4: items 4 and 2 have no training events.
    const sums = warmAndColdSums([1, 3], [4, 3, 0, 1, 0]);
    for (const session of [
      [3, 0, 2, 4],
      [1, 1, 4],
    ])
      sums.add(ranksOf(session));
    expect(sums.figures).toEqual([
      {
        predictions: 2,
        results: [
          { cutoff: 1, recall: 1 / 2, mrr: 1 / 2 },
          { cutoff: 3, recall: 1, mrr: (1 + 1 / 2) / 2 },
        ],
      },
      {
        predictions: 3,
        results: [
          { cutoff: 1, recall: 0, mrr: 0 },
          { cutoff: 3, recall: 1 / 3, mrr: 1 / 3 / 3 },
        ],
      },
    ]);
  });

  it('has no figures of targets that do not occur', () => {
    const sums = warmAndColdSums([1], support);
    sums.add(ranksOf([3, 0]));
    expect(sums.figures[1]).toEqual({ predictions: 0, results: [] });
  });
});
