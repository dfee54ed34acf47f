import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TargetSums } from '../src/breakdown.ts';
import { evaluate, evaluateAsync, PartEvaluator } from '../src/evaluate.ts';
import { joinParts } from '../src/joined-parts.ts';
import type { EvaluateOptions } from '../src/options.ts';
import { PROTOCOLS } from '../src/plan.ts';
import type { Ranks } from '../src/ranks.ts';
import { sampleSessions } from '../src/sample.ts';
import { historyScorer } from './scorers.ts';
import { toSessions } from './to-sessions.ts';

const someSessions = fc.array(fc.array(fc.nat({ max: 6 }), { maxLength: 6 }), { maxLength: 9 });

/** Splits sessions into parts, some empty, at the given positions. */
function cut(sessions: readonly number[][], places: readonly number[]): number[][][] {
  const ends = [...places.map((place) => Math.min(place, sessions.length)), sessions.length].sort(
    (a, b) => a - b,
  );
  return ends.map((end, part) => sessions.slice(ends[part - 1] ?? 0, end));
}

const someCase = fc.record({
  sessions: someSessions.map((sessions) => [...sessions, [0, 1, 2]]),
  places: fc.array(fc.nat({ max: 10 }), { maxLength: 4 }),
  slots: fc.integer({ min: 1, max: 5 }),
  protocol: fc.constantFrom(...PROTOCOLS),
  excludeSeen: fc.boolean(),
  certain: fc.boolean(),
});

function optionsOf({
  certain,
  ...options
}: Omit<typeof someCase extends fc.Arbitrary<infer T> ? T : never, 'sessions' | 'places'>) {
  return {
    ...options,
    cutoffs: [1, 3],
    tieRule: 'standard',
    support: [1, 2, 3, 4, 5, 6, 7],
    vectors: { values: Float32Array.of(1, 2, -1, 0, 3, 0.7, 1, 1, 0.1, -2, 0.3, 5, 2, 2), width: 2 },
    keepRanks: options.protocol !== 'remaining',
    ...(certain ? { bootstrap: { resamples: 5, seed: 1 } } : {}),
  } satisfies EvaluateOptions & Record<string, unknown>;
}

describe('evaluateAsync of parts', () => {
  it('passes the ranks of each part to the callback, and keeps them only with keepRanks', async () => {
    const parts = [toSessions([0, 1, 2]), toSessions(), toSessions([3, 4], [2, 2])];
    const handed: (readonly number[])[] = [];
    const options = { cutoffs: [1], onRanks: ({ rank }: Ranks) => handed.push([...rank]) };
    expect(await evaluateAsync(historyScorer(7), parts, options)).not.toHaveProperty('ranks');
    const { ranks } = await evaluateAsync(historyScorer(7), parts, { cutoffs: [1], keepRanks: true });
    expect(handed.map((rank) => rank.length)).toEqual([2, 0, 2]);
    expect(handed.flat()).toEqual([...(ranks?.rank ?? [])]);
  });

  it('feeds the context of the clicks that it scores, and keeps that of the targets', async () => {
    const context = (items: Int32Array) => Int32Array.from([...items].flatMap((item) => [10 * item, -item]));
    const sessions = toSessions([0, 1, 2], [3], [4, 5]);
    const parts = [sessions, toSessions([6, 0])].map((part) => ({ ...part, context: context(part.items) }));
    const scorer = historyScorer(7);
    const fed: number[][] = [];
    const watching = {
      ...scorer,
      open: (slots: number) => {
        const { step, close } = scorer.open(slots);
        const watched: typeof step = (input, resetMask, given) => {
          for (const [slot, item] of input.entries()) {
            if (item >= 0) fed.push([item, ...(given?.subarray(2 * slot, 2 * slot + 2) ?? [])]);
          }
          return step(input, resetMask);
        };
        return { step: watched, close };
      },
    };
    const options = { cutoffs: [1], keepRanks: true, slots: 2 };
    const { ranks } = await evaluateAsync(watching, parts, options);
    expect(fed).toEqual([0, 4, 1, 6].map((item) => [item, 10 * item, -item + 0]));
    expect([...(ranks?.target ?? [])]).toEqual([1, 2, 5, 0]);
    expect(ranks?.targetContext).toEqual(context(ranks?.target ?? new Int32Array()));
    expect((await evaluateAsync(scorer, [sessions], options)).ranks?.targetContext).toBeUndefined();
    const drawn = sampleSessions({ ...sessions, context: context(sessions.items) }, { size: 2, seed: 1 });
    expect(drawn.context).toEqual(context(drawn.items));
    const sums = new TargetSums([1, 2], 2, ({ target }, at) => (target[at] % 3) - 1);
    const rank = Float64Array.of(1, 2, 3, 1);
    if (ranks) sums.add({ ...ranks, rank });
    const figuresOf = (predictions: number, ...means: [recall: number, mrr: number][]) => {
      return { predictions, results: means.map(([recall, mrr], at) => ({ cutoff: at + 1, recall, mrr })) };
    };
    expect(sums.figures).toEqual([figuresOf(1, [1, 1], [1, 1]), figuresOf(2, [0, 0], [1 / 2, 1 / 4])]);
  });

  it('refuses onRanks with several targets', async () => {
    const options = { cutoffs: [1], protocol: 'remaining', onRanks: () => undefined } as const;
    await expect(evaluateAsync(historyScorer(7), [], options)).rejects.toThrow(
      `evaluate: "onRanks" expected protocol 'next' or 'last', got 'remaining'.`,
    );
  });

  it('gives exactly the result of one evaluation, wherever parts end', async () => {
    await fc.assert(
      fc.asyncProperty(someCase, async ({ sessions, places, ...rest }) => {
        const options = optionsOf(rest);
        const whole = evaluate(historyScorer(7), toSessions(...sessions), options);
        const parts = cut(sessions, places).map((part) => toSessions(...part));
        expect(await evaluateAsync(historyScorer(7), parts, options)).toEqual(whole);
      }),
      { seed: 1 },
    );
  });

  it('takes parts one at a time, and reports progress', async () => {
    const reported: string[] = [];
    async function* parts() {
      for (const part of [[[0, 1, 2]], [[3]], [[4, 5], [6]]]) {
        reported.push('next');
        yield toSessions(...part);
      }
    }
    const { predictions } = await evaluateAsync(historyScorer(7), parts(), {
      cutoffs: [1],
      onProgress: ({ predictions: made, total }) => reported.push(`${made} of ${total}`),
    });
    expect(predictions).toBe(3);
    expect(reported).toEqual(['next', '1 of 2', '2 of 2', 'next', 'next', '3 of 3']);
  });

  it('opens the scorer again only for more slots', async () => {
    const opened: number[] = [];
    const scorer = historyScorer(7);
    const counting = {
      ...scorer,
      open: (slots: number) => {
        opened.push(slots);
        return scorer.open(slots);
      },
    };
    const [one, three] = [toSessions([0, 1]), toSessions([0, 1], [2, 3], [4, 5])];
    await evaluateAsync(counting, [one, three, one], { cutoffs: [1], slots: 2 });
    expect(opened).toEqual([1, 2]);
    expect(scorer.fed.closed).toBe(true);
  });

  it('closes the scorer and reads no more parts after a wrong one', async () => {
    const scorer = historyScorer(7);
    let ended = false;
    function* parts() {
      try {
        yield toSessions([0, 1]);
        yield toSessions([0, 7]);
        yield toSessions([0, 1]);
      } finally {
        ended = true;
      }
    }
    await expect(evaluateAsync(scorer, parts(), { cutoffs: [1] })).rejects.toThrow(
      'evaluate: "items" expected integer in [0, 7) at index 1, got 7.',
    );
    expect([scorer.fed.closed, ended]).toEqual([true, true]);
  });

  it.each([[[]], [[toSessions([1], [2]), toSessions()]]])(
    'refuses parts without a prediction',
    async (parts) => {
      await expect(evaluateAsync(historyScorer(7), parts, { cutoffs: [1] })).rejects.toThrow(
        new RangeError('evaluate: "sessions" expected a session of two or more events, got none.'),
      );
    },
  );

  it('refuses wrong options before the first part', async () => {
    await expect(evaluateAsync(historyScorer(7), [], { cutoffs: [0] })).rejects.toThrow(
      'evaluate: "cutoffs" expected array of one or more integers >= 1, got [0].',
    );
  });
});

describe('joinParts', () => {
  it('joins the parts of several evaluators of one scorer, such as one per thread, in the order of the sessions', () => {
    fc.assert(
      fc.property(someCase, ({ sessions, places, ...rest }) => {
        const options = optionsOf(rest);
        const evaluators = [0, 1].map(() => new PartEvaluator(historyScorer(7), options));
        const parts = cut(sessions, places).map((part) => toSessions(...part));
        const found = parts.map(() => structuredClone(evaluators[0].evaluate(toSessions())));
        for (let place = parts.length - 1; place >= 0; place--)
          found[place] = structuredClone(evaluators[place % 2].evaluate(parts[place]));
        for (const evaluator of evaluators) evaluator.close();
        const whole = evaluate(historyScorer(7), toSessions(...sessions), options);
        expect(joinParts(found, options, historyScorer(7))).toEqual(whole);
      }),
      { seed: 2 },
    );
  });
});
