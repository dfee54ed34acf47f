import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { evaluate, evaluateAsync } from '../src/evaluate.ts';
import type { EvaluateOptions } from '../src/options.ts';
import { TIE_RULES } from '../src/rank.ts';
import type { Ranker, Scorer } from '../src/scorer.ts';
import { figuresAt } from '../src/tally.ts';
import { measured } from './measured.ts';
import { constantScorer, historyScorer, rankingScorer } from './scorers.ts';
import { toSessions } from './to-sessions.ts';

describe('evaluate', () => {
  // Ranks of items 0 to 4: 1, 2, 3, 4, 5.
  const scorer = constantScorer([5, 4, 3, 2, 1]);

  it('averages predictions, not sessions', () => {
    // Targets 0 (rank 1), 2 (rank 3); 4 (rank 5).
    const sessions = toSessions([3, 0, 2], [1], [1, 4]);
    const evaluation = evaluate(scorer, sessions, { cutoffs: [1, 3], support: [4, 3, 2, 1, 0] });
    expect(evaluation).toEqual({
      predictions: 3,
      sessions: 2,
      protocol: 'next',
      warmUp: 1,
      tieRule: 'standard',
      excludeSeen: false,
      excludedTargets: 0,
      ties: { targets: 3, tied: 0, most: 0 },
      warnings: [{ code: 'few-predictions', message: expect.stringMatching(/^3 predictions are few/) }],
      // The targets' mean popularity is (4 + 2 + 0) / 30.
      results: [
        {
          cutoff: 1,
          ...measured([1, 3, 5], 1),
          recall: 1 / 3,
          mrr: 1 / 3,
          ndcg: 1 / 3,
          coverage: 1 / 5,
          meanPopularity: 4 / 10,
          popularityBias: 4 / 10 / (6 / 30),
          novelty: expect.closeTo(-Math.log2(4 / 10), 5),
        },
        {
          cutoff: 3,
          ...measured([1, 3, 5], 3),
          recall: 2 / 3,
          mrr: (1 + 1 / 3) / 3,
          ndcg: (1 + 1 / 2) / 3,
          coverage: 3 / 5,
          meanPopularity: 9 / 30,
          popularityBias: 9 / 30 / (6 / 30),
          novelty: expect.closeTo(-Math.log2((4 * 3 * 2) / 1000) / 3, 5),
        },
      ],
    });
  });

  it('measures reordered lists, of unseen items too, and their intra-list distance', () => {
    const vectors = { values: Float32Array.of(1, 0, 0, 1, 1, 1, 0, 0, -1, 0), width: 2 };
    const reorder = (items: Int32Array, _: unknown, n: number) =>
      items.subarray(0, 4).toReversed().subarray(0, n);
    const options = { cutoffs: [1, 3], vectors, reorder };
    // Lists of 3, 2, 1; the target 4 is beyond the depth, and 0 beyond the list.
    const sessions = toSessions([3, 3, 2, 0, 4]);
    const [first, second] = evaluate(rankingScorer(scorer), sessions, options).results;
    expect(first).toMatchObject({ recall: 1 / 4, mrr: 1 / 4, coverage: 1 / 5, intraListDistance: 0 });
    expect(second).toMatchObject({ recall: 2 / 4, mrr: (1 + 1 / 2) / 4, coverage: 3 / 5 });
    // Pairs of the items 3, 2 and 1: a vector of length 0 is as far as one at a right angle.
    expect(second.intraListDistance).toBeCloseTo((1 + 1 + (1 - Math.SQRT1_2)) / 3, 12);
    // The worst unseen item, 4, is the first of every list.
    const unseen = evaluate(scorer, sessions, { ...options, excludeSeen: true }).results[0];
    expect(unseen).toMatchObject({ recall: 1 / 4, coverage: 1 / 5 });
    expect(evaluate(scorer, sessions).results[0]).not.toHaveProperty('intraListDistance');
  });

  it('refuses a scorer of constants, unless the tie rule is stated', () => {
    const constants = constantScorer([1, 1, 1]);
    const sessions = toSessions([0, 1, 2]);
    expect(() => evaluate(constants, sessions, { cutoffs: [2] })).toThrow(
      new RangeError(
        `evaluate: "tieRule" expected 'standard', 'conservative', 'median', got none. 2 of 2 (100.0 %) targets have ` +
          'the score of other items with constant, one of them that of 2: the figures depend on the tie rule. ' +
          "Compare the rules 'standard' and 'conservative', and look for saturated scores.",
      ),
    );
    const { warnings, results } = evaluate(constants, sessions, { cutoffs: [2], tieRule: 'standard' });
    expect(results[0].recall).toBe(1);
    expect(warnings.map(({ code }) => code)).toEqual(['tied-scores', 'few-predictions']);
  });

  it.each(TIE_RULES)('counts the ties that a list can contain by any rule: %s', (tieRule) => {
    // Two items before target 0 with the score of item 1, and items 3 to 5 in the tail; excluded targets have no ties.
    const tied = constantScorer([2, 2, 5, 1, 1, 1]);
    const tiesOf = (clicks: readonly number[], excludeSeen = false) =>
      evaluate(tied, toSessions(clicks), { cutoffs: [3], tieRule, excludeSeen }).ties;
    expect(tiesOf([2, 0, 3])).toEqual({ targets: 2, tied: 1, most: 2 });
    expect(tiesOf([0, 2, 0], true)).toEqual({ targets: 2, tied: 0, most: 0 });
  });

  it('warns of few sessions if it gives intervals or ranks, and of the facts given about the data', () => {
    const codes = (more: Partial<EvaluateOptions>) =>
      evaluate(scorer, toSessions([0, 1]), { cutoffs: [1], ...more }).warnings.map(({ code }) => code);
    expect(codes({})).toEqual(['few-predictions']);
    expect(codes({ keepRanks: true })).toEqual(['few-predictions', 'few-sessions']);
    expect(codes({ bootstrap: { resamples: 20, seed: 1 } })).toEqual(['few-predictions', 'few-sessions']);
    expect(codes({ facts: { repeatsRemoved: 3 } })).toEqual(['repeats-removed', 'few-predictions']);
  });

  it('gives no popularity without the support', () => {
    const evaluation = evaluate(scorer, toSessions([0, 1]), { cutoffs: [1] });
    expect(evaluation.results[0].meanPopularity).toBeNaN();
    expect(evaluation.results[0]).not.toHaveProperty('popularityBias');
    expect(evaluation.results[0]).not.toHaveProperty('novelty');
  });

  it('resets at session starts, feeds all but the last event, and closes', () => {
    const history = historyScorer(10);
    evaluate(history, toSessions([1, 2, 3], [4, 5], [9], [6, 7]), { cutoffs: [1], slots: 2 });
    expect(history.fed.inputs.map(String)).toEqual(['1,4', '2,6']);
    expect(history.fed.resets.map(String)).toEqual(['1,1', '0,1']);
    expect(history.fed.closed).toBe(true);
  });

  it.each<[string, Partial<EvaluateOptions>]>([
    ['seen items are excluded', { excludeSeen: true }],
    ['several items remain', { protocol: 'remaining' }],
  ])('uses scores if %s', (_, options) => {
    const ranking = rankingScorer(historyScorer(7));
    const sessions = toSessions([1, 2, 1, 4]);
    const all = { cutoffs: [2], tieRule: 'standard', ...options } as const;
    expect(evaluate(ranking, sessions, all)).toEqual(evaluate(historyScorer(7), sessions, all));
    expect(ranking.ranked.calls).toBe(0);
  });

  it('reports a NaN in ranks like one in scores', () => {
    const broken = constantScorer([1, Number.NaN, Number.NaN]);
    const messageOf = (scorer: typeof broken): unknown => {
      try {
        return evaluate(scorer, toSessions([0, 2]), { cutoffs: [1] });
      } catch (error) {
        return error;
      }
    };
    expect(messageOf(rankingScorer(broken))).toEqual(messageOf(broken));
    expect(messageOf(broken)).toBeInstanceOf(RangeError);
  });

  it('refuses ranks of another shape', () => {
    const short = {
      ...constantScorer([5, 4, 3, 2, 1]),
      open: () => ({
        step: () => new Float32Array(5),
        rank: () => ({ better: new Float32Array(1), equal: new Float32Array(1), top: new Int32Array(2) }),
        close() {},
      }),
    };
    expect(() => evaluate(short, toSessions([0, 1]), { cutoffs: [3] })).toThrow(
      new RangeError('evaluate: ranks of constant expected 1, 1 and 3 numbers, got 1, 1 and 2.'),
    );
  });
});

const sessions = toSessions([0, 1, 2], [3, 4]);

/** Ranks like `historyScorer`, but gives no scores. */
const ranker: Ranker = {
  name: 'ranks only',
  itemCount: 7,
  open(slots) {
    const { rank, close } = rankingScorer(historyScorer(7)).open(slots);
    if (!rank) throw new RangeError('expected a session that ranks');
    return { rank, close };
  },
};

describe('evaluateAsync', () => {
  it('gives the same result for a ranker as `evaluate` for a scorer', async () => {
    const options = { cutoffs: [1, 3], keepRanks: true };
    expect(await evaluateAsync(ranker, sessions, options)).toEqual(
      evaluate(historyScorer(7), sessions, options),
    );
  });

  it.each<Partial<EvaluateOptions>>([{ excludeSeen: true }, { protocol: 'remaining' }])(
    'refuses %j for a ranker, because it needs scores',
    async (option) => {
      await expect(evaluateAsync(ranker, sessions, { cutoffs: [1], ...option })).rejects.toThrow(
        `evaluate: expected no "excludeSeen", no "reorder" and another protocol than 'remaining' with ranks only`,
      );
    },
  );

  it('waits for each pause, and rejects with its error', async () => {
    let pauses = 0;
    const stop = async () => {
      if (++pauses === 2) throw new Error('enough');
    };
    const run = evaluateAsync(ranker, sessions, { cutoffs: [1], slots: 1, pause: stop });
    await expect(run).rejects.toThrow('enough');
    expect(pauses).toBe(2);
  });

  it('leaves the thread to others, and ends by a signal with its reason', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('late')), 60);
    const endless = (function* () {
      for (;;) yield sessions;
    })();
    await expect(evaluateAsync(ranker, endless, { signal: stop.signal })).rejects.toThrow('late');
  });

  it('gives the figures of lists of 20, by their length', async () => {
    const evaluation = await evaluateAsync(ranker, sessions);
    expect(figuresAt(evaluation, 20)).toBe(evaluation.results[0]);
    expect(() => figuresAt(evaluation, 10)).toThrow(
      'figuresAt: "cutoff" expected 20, the cutoffs of the evaluation, got 10.',
    );
  });
});

const ITEMS = 9;
const support = Int32Array.from({ length: ITEMS }, (_, item) => item + 1);

const scorers: Readonly<Record<string, () => Scorer>> = {
  'a scorer': () => historyScorer(ITEMS),
  'a scorer that ranks': () => rankingScorer(historyScorer(ITEMS)),
};

const variants: Readonly<Record<string, Partial<EvaluateOptions>>> = {
  'every next item': { keepRanks: true },
  'unseen items': { excludeSeen: true, keepRanks: true },
  'the remaining items': { protocol: 'remaining' },
};

const anySessions = fc
  .array(fc.array(fc.nat(ITEMS - 1), { minLength: 2, maxLength: 6 }), { minLength: 1, maxLength: 6 })
  // Each variant predicts something.
  .map((list) => toSessions([0, 1, 3], ...list));

describe.each(Object.entries(scorers))('evaluate without lists, %s', (_, open) => {
  it.each(Object.entries(variants))('has the figures and ranks of %s with lists', (_, variant) => {
    fc.assert(
      fc.property(anySessions, (given) => {
        const options = { cutoffs: [1, 4], tieRule: 'standard', support, ...variant } as const;
        const { results, ...rest } = evaluate(open(), given, options);
        const without = evaluate(open(), given, { ...options, lists: false });
        const expected = results.map(({ popularityBias: _bias, novelty: _novelty, ...result }) => {
          return { ...result, coverage: Number.NaN, meanPopularity: Number.NaN };
        });
        expect(without).toEqual({ ...rest, results: expected });
      }),
      { numRuns: 30 },
    );
  });
});

it('asks a scorer that ranks for lists of no items', () => {
  const { open, ...scorer } = rankingScorer(constantScorer([3, 2, 1]));
  const lengths: number[] = [];
  const asked: Scorer = {
    ...scorer,
    open(slots) {
      const { rank, ...session } = open(slots);
      const asking: typeof rank = (input, resetMask, target, k) => {
        lengths.push(k);
        if (!rank) throw new Error('no ranking');
        return rank(input, resetMask, target, k);
      };
      return { ...session, rank: asking };
    },
  };
  evaluate(asked, toSessions([0, 1, 2]), { cutoffs: [2], lists: false });
  evaluate(asked, toSessions([0, 1, 2]), { cutoffs: [2] });
  expect(lengths).toEqual([0, 0, 2, 2]);
});

describe('evaluate, refusals', () => {
  const scorer = constantScorer([5, 4, 3, 2, 1]);

  it('refuses scores of another shape', () => {
    const short = { ...scorer, itemCount: 6 };
    expect(() => evaluate(short, toSessions([0, 1]), { cutoffs: [1] })).toThrow(
      new RangeError('evaluate: scores of constant expected 1 × 6 numbers, got 5.'),
    );
  });

  it('refuses bad bootstrap options before it scores', () => {
    const history = historyScorer(5);
    const options = { cutoffs: [1], bootstrap: { resamples: 0, seed: 1 } };
    expect(() => evaluate(history, toSessions([0, 1]), options)).toThrow('"resamples" expected integer >= 1');
    expect(history.fed.inputs).toEqual([]);
  });

  it.each<Partial<EvaluateOptions>>([{}, { protocol: 'remaining' }])(
    'names the scorer and the item of a NaN score, and closes the scorer, with %j',
    (options) => {
      const close = vi.fn();
      const { open, ...broken } = constantScorer([1, 1, Number.NaN]);
      const closing = { ...broken, open: (slots: number) => ({ ...open(slots), close }) };
      expect(() => evaluate(closing, toSessions([1, 0]), { cutoffs: [1], ...options })).toThrow(
        new RangeError(
          'evaluate: constant cannot be ranked after 0 predictions. ' +
            'rankOf: "scores" expected numbers, got NaN at item index 2.',
        ),
      );
      expect(close).toHaveBeenCalledOnce();
    },
  );

  it.each<[object, string, ReturnType<typeof toSessions>?]>([
    [{ protocol: 'first' }, `"protocol" expected next, last, remaining, got "first".`],
    [{ support: [1] }, '"support" expected 5 entries, one per item of constant, got 1.'],
    [
      { protocol: 'remaining', keepRanks: true },
      `"keepRanks" expected protocol 'next' or 'last', got 'remaining'. ` +
        'Its predictions have several targets and so no one rank.',
    ],
    [{ warmUp: 2 }, '"sessions" expected a session of 3 or more events, got none.'],
    [{}, '"sessions" expected a session of two or more events, got none.', toSessions([0], [])],
    [
      {},
      '"items" expected integer in [0, 5) at index 1, got 5. Remove the events of unknown items.',
      toSessions([0, 5]),
    ],
  ])('refuses %o', (options, message, sessions = toSessions([0, 1])) => {
    expect(() => evaluate(scorer, sessions, { cutoffs: [1], ...options })).toThrow(
      new RangeError(`evaluate: ${message}`),
    );
  });

  it('refuses offsets that do not match', () => {
    const sessions = { sessionOffsets: Int32Array.of(0, 1), items: Int32Array.of(0, 1) };
    expect(() => evaluate(scorer, sessions, { cutoffs: [1] })).toThrow(
      new RangeError('evaluate: "sessionOffsets" expected items.length = 2 as its last entry, got 1.'),
    );
  });
});
