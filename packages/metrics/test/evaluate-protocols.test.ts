import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../src/evaluate.ts';
import { ndcg } from '../src/metrics/registry.ts';
import { PROTOCOLS, type Protocol } from '../src/plan.ts';
import { TIE_RULES } from '../src/rank.ts';
import type { Scorer } from '../src/scorer.ts';
import { constantScorer, historyScorer, rankingScorer } from './scorers.ts';
import { toSessions } from './to-sessions.ts';

/** Options of `evaluate`. */
interface NaiveOptions {
  readonly protocol: Protocol;
  readonly warmUp: number;
  readonly excludeSeen: boolean;
  readonly tieRule: 'standard' | 'conservative';
}

/** A prediction by the definition. */
interface NaiveOutcome {
  readonly session: readonly number[];
  readonly position: number;
  readonly targets: readonly number[];
  /** Position of each target in the complete list, from 1; Infinity if missing. */
  readonly ranks: readonly number[];
  /** Number of items in the list with the score of each target. */
  readonly equal: readonly number[];
}

/**
 * The expected result of `evaluate` by the definitions, from complete lists: ties with the targets first (`standard`)
 * or last (`conservative`).
 */
function naiveOutcomes(
  scorer: Scorer,
  sessions: readonly (readonly number[])[],
  options: NaiveOptions,
): NaiveOutcome[] {
  return sessions.flatMap((session) => {
    const outcomes: NaiveOutcome[] = [];
    const scoring = scorer.open(1);
    for (let position = 1; position < session.length; position++) {
      const input = Int32Array.of(session[position - 1]);
      const scores = [...scoring.step(input, Float32Array.of(position === 1 ? 1 : 0))];
      const targets = targetsAt(session, position, options);
      if (targets.length === 0) continue;
      const seen = options.excludeSeen ? session.slice(0, position) : [];
      const items = [...scores.keys()].filter((item) => !seen.includes(item));
      const list = sortItems(items, scores, targets, options.tieRule);
      outcomes.push({
        session,
        position,
        targets,
        ranks: targets.map((target) => (list.includes(target) ? list.indexOf(target) + 1 : Infinity)),
        equal: targets.map((target) =>
          list.includes(target) ? list.filter((item) => scores[item] === scores[target]).length : 0,
        ),
      });
    }
    scoring.close();
    return outcomes;
  });
}

function targetsAt(
  session: readonly number[],
  position: number,
  { protocol, warmUp }: NaiveOptions,
): number[] {
  if (position < warmUp) return [];
  if (protocol === 'last' && position !== session.length - 1) return [];
  const coming = protocol === 'remaining' ? session.slice(position) : [session[position]];
  return [...new Set(coming)];
}

function sortItems(
  items: readonly number[],
  scores: readonly number[],
  targets: readonly number[],
  tieRule: NaiveOptions['tieRule'],
): number[] {
  const favour = (item: number) => (targets.includes(item) ? 1 : 0) * (tieRule === 'standard' ? -1 : 1);
  return items.toSorted((a, b) => scores[b] - scores[a] || favour(a) - favour(b) || a - b);
}

/** All options that affect predictions or ranks. */
const someOptions = fc.record({
  protocol: fc.constantFrom(...PROTOCOLS),
  warmUp: fc.integer({ min: 1, max: 3 }),
  excludeSeen: fc.boolean(),
});
const someSessions = fc.array(fc.array(fc.nat({ max: 6 }), { maxLength: 7 }), { maxLength: 9 });
/** Sessions with a prediction for any drawn options: every item follows three clicks, as last item too. */
const sure = [0, 1, 2, 3, 4, 5, 6].map((item) => [0, 1, 2, 3, 4, 5, 6, item]);

describe('evaluate', () => {
  // Ranks of items 0 to 4: 1, 2, 3, 4, 5.
  const scorer = constantScorer([5, 4, 3, 2, 1]);

  it("predicts all later items, each once, with protocol 'remaining'", () => {
    // After 3: items 0 and 2 (ranks 1, 3); after 3 0: 2 and 0 (3, 1); after 3 0 2: 0 (1).
    const sessions = toSessions([3, 0, 2, 0]);
    const { predictions, results } = evaluate(scorer, sessions, {
      cutoffs: [2, 5],
      protocol: 'remaining',
      support: [4, 3, 2, 1, 0],
    });
    const ideal = 1 + 1 / Math.log2(3);
    expect(predictions).toBe(3);
    expect(results[0]).toMatchObject({ recall: (1 / 2 + 1 / 2 + 1) / 3, mrr: (1 + 1 + 1) / 3 });
    expect(results[0].ndcg).toBeCloseTo((1 / ideal + 1 / ideal + 1) / 3, 15);
    expect(results[1]).toMatchObject({ recall: 1, mrr: 1 });
    expect(results[1].ndcg).toBeCloseTo((1.5 / ideal + 1.5 / ideal + 1) / 3, 15);
    // Five targets of supports 4 2, 2 4, 4; lists of the supports 4 3.
    expect(results[0].popularityBias).toBeCloseTo(7 / 2 / (16 / 5), 15);
  });

  it('agrees with complete lists for any options, and gives the same with any number of slots', () => {
    const tieRules = fc.constantFrom('standard' as const, 'conservative' as const);
    const some = fc.tuple(someSessions, someOptions, tieRules, fc.integer({ min: 1, max: 7 }));
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 20 }), ([drawn, chosen, tieRule, cutoff], slots) => {
        const sessions = [...drawn, ...sure];
        const rules = { ...chosen, tieRule };
        const keepRanks = chosen.protocol !== 'remaining';
        const bootstrap = { resamples: 5, seed: 1 };
        const options = { ...rules, cutoffs: [cutoff], support: [1, 2, 3, 4, 5, 6, 7], bootstrap, keepRanks };
        const [evaluation, other] = [slots, slots + 1].map((slots) =>
          evaluate(historyScorer(7), toSessions(...sessions), { ...options, slots }),
        );
        expect(other).toEqual(evaluation);
        const { predictions, excludedTargets, results, ranks } = evaluation;
        const outcomes = naiveOutcomes(historyScorer(7), sessions, rules);
        const mean = (metric: (ranks: readonly number[]) => number) =>
          outcomes.reduce((sum, { ranks }) => sum + metric(ranks), 0) / outcomes.length;
        const missing = outcomes.flatMap(({ ranks }) => ranks.filter((rank) => rank === Infinity));
        expect([predictions, excludedTargets]).toEqual([outcomes.length, missing.length]);
        expect(results[0].recall).toBeCloseTo(
          mean((ranks) => ranks.filter((rank) => rank <= cutoff).length / ranks.length),
          12,
        );
        expect(results[0].mrr).toBeCloseTo(
          mean((ranks) => (Math.min(...ranks) <= cutoff ? 1 / Math.min(...ranks) : 0)),
          12,
        );
        expect(results[0].ndcg).toBeCloseTo(
          mean((ranks) => ndcg.of(ranks, cutoff)),
          12,
        );
        if (!keepRanks) return;
        expect([...(ranks?.position ?? [])]).toEqual(outcomes.map(({ position }) => position));
        expect([...(ranks?.target ?? [])]).toEqual(outcomes.map(({ targets }) => targets[0]));
        expect([...(ranks?.rank ?? [])]).toEqual(outcomes.map(({ ranks }) => ranks[0]));
        expect([...(ranks?.equal ?? [])]).toEqual(outcomes.map(({ equal }) => equal[0]));
        expect(Array.from(ranks?.session ?? [], (session) => ranks?.sessionLengths[session])).toEqual(
          outcomes.map(({ session }) => session.length),
        );
      }),
      { seed: 1 },
    );
  });

  it('uses the ranks that a scorer gives for one target among all items, with the same result', () => {
    fc.assert(
      fc.property(
        someSessions,
        fc.constantFrom('next' as const, 'last' as const),
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom(...TIE_RULES),
        (drawn, protocol, warmUp, tieRule) => {
          const sessions = toSessions(...drawn, ...sure);
          const support = [1, 2, 3, 4, 5, 6, 7];
          const options = { cutoffs: [1, 3], protocol, warmUp, tieRule, support, keepRanks: true, slots: 4 };
          const ranking = rankingScorer(historyScorer(7));
          expect(evaluate(ranking, sessions, options)).toEqual(evaluate(historyScorer(7), sessions, options));
          expect(ranking.ranked.calls).toBeGreaterThan(0);
        },
      ),
      { seed: 1 },
    );
  });

  it('counts its progress in predictions', () => {
    const seen: number[][] = [];
    evaluate(scorer, toSessions([0, 1, 2, 3]), {
      cutoffs: [1],
      protocol: 'last',
      onProgress: ({ predictions, total }) => seen.push([predictions, total]),
    });
    expect(seen).toEqual([
      [0, 1],
      [0, 1],
      [1, 1],
    ]);
  });
});
