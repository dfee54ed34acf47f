import { type Scorer, topItems } from '@gru4rec/metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BaselineData } from '../src/baseline-kind.ts';
import { createBaseline } from '../src/create-baseline.ts';
import { neighbourKind } from '../src/neighbour-scorer.ts';
import { EQUAL_WEIGHTS, type NeighbourhoodOptions, type SessionWeights } from '../src/neighbour-search.ts';
import {
  expectScores,
  lastClick,
  type NaiveMethod,
  naiveScores,
  scoresAfter,
  sharedItems,
  sizeOf,
  someSession,
  someSize,
  someTimedSessions,
  toTimedData,
} from './timed-sessions.ts';

function make(
  data: BaselineData,
  weights: Partial<SessionWeights> = {},
  size: NeighbourhoodOptions = {},
): Scorer {
  const { learn, score } = neighbourKind('counting', {}, () => ({
    weights: { ...EQUAL_WEIGHTS, ...weights },
    size: { neighbours: 3, sampleSize: 5, indexSessions: Infinity, ...size },
  }));
  return { name: 'counting', ...score(learn(data, {}), {}) };
}

/** Many sessions of the same items. */
const many = (count: number, items: number[]) => Array.from({ length: count }, () => ({ items, day: 0 }));

describe('neighbourKind', () => {
  const data = toTimedData(
    [
      { items: [0, 1, 1], day: 0 },
      { items: [0, 2], day: 1 },
    ],
    4,
  );

  it('breaks ties by popularity', () => {
    expect([...topItems(Float64Array.from(scoresAfter(make(data), [0])), 4)]).toEqual([0, 1, 2, 3]);
    const rare = toTimedData([{ items: [0, 1, 2, 2], day: 0 }], 4);
    expect([...topItems(Float64Array.from(scoresAfter(make(rare), [0])), 4)]).toEqual([2, 0, 1, 3]);
  });

  it('searches only indexed sessions, but counts popularity in all training events', () => {
    const scorer = make(data, {}, { indexSessions: 1 });
    expectScores(scoresAfter(scorer, [0]), [1, 2 / 5 - 1, 1, 0 / 5 - 1]);
  });

  it('scores items whose weights underflow by popularity', () => {
    const scorer = make(data, { distance: (events) => Math.exp(-events / 1e-5) });
    expectScores(scoresAfter(scorer, [0]), [2, 2 / 5 - 1, 1 / 5 - 1, 0 / 5 - 1]);
  });
});

const similarities = {
  cosine: (s: readonly number[], n: readonly number[]) =>
    sharedItems(s, n).length / Math.sqrt(sizeOf(s) * sizeOf(n)),
  jaccard: (s: readonly number[], n: readonly number[]) =>
    sharedItems(s, n).length / new Set([...s, ...n]).size,
};

describe('sessionKnn', () => {
  it('samples 1,000 sessions and keeps 500 of them by default', () => {
    const scorer = createBaseline(
      's-knn',
      toTimedData([...many(1, [0, 1]), ...many(400, [0, 2]), ...many(600, [0, 3, 4])], 5),
    );
    const [short, long] = [1 / Math.sqrt(2), 1 / Math.sqrt(3)];
    const scores = scoresAfter(scorer, [0]);
    expect(scores[1]).toBe(1 / 2602 - 1);
    expect(scores[2]).toBeCloseTo(400 * short, 5);
    expect(scores[3]).toBeCloseTo(100 * long, 5);
  });

  it.each(['cosine', 'jaccard'] as const)('agrees with the formula for %s', (similarity) => {
    fc.assert(
      fc.property(someTimedSessions, someSession, someSize, (training, session, size) => {
        const method = { similarity: similarities[similarity], gain: () => 1 };
        const scorer = createBaseline('s-knn', toTimedData(training, 8), { ...size, similarity });
        expectScores(scoresAfter(scorer, session), naiveScores(training, session, size, method), 12);
      }),
      { seed: 1 },
    );
  });
});

const decays = {
  linear: (item: number, s: readonly number[]) => lastClick(item, s) / s.length,
  quadratic: (item: number, s: readonly number[]) => (lastClick(item, s) / s.length) ** 2,
  none: () => 1,
};

const scoreDecays = {
  ...decays,
  div: (item: number, s: readonly number[]) => 1 / (s.toReversed().indexOf(item) + 1),
};

describe('vectorSessionKnn', () => {
  it('samples 1,000 sessions and keeps 500 of them by default', () => {
    const training = [...many(1, [0, 1, 4]), ...many(400, [0, 1, 2]), ...many(600, [0, 3])];
    const scores = scoresAfter(createBaseline('v-sknn', toTimedData(training, 5)), [1, 0]);
    expect(scores[4]).toBe(1 / 2403 - 1);
    expect(scores[2]).toBeCloseTo(400 * (1 / 2 + 1), 5);
    expect(scores[3]).toBeCloseTo(100, 5);
  });

  const decayNames = ['linear', 'quadratic', 'none'] as const;
  const decay = fc.constantFrom(...decayNames);
  it('agrees with the formula', () => {
    fc.assert(
      fc.property(
        fc.tuple(someTimedSessions, someSession, someSize),
        fc.record({
          decay,
          scoreDecay: fc.constantFrom('div', ...decayNames),
          idfWeight: fc.constantFrom(0, 1, 10),
        }),
        ([training, session, size], options) => {
          const holding = (item: number) => training.filter(({ items }) => items.includes(item)).length;
          const scores = naiveScores(training, session, size, {
            similarity: (s, n) =>
              sharedItems(s, n).reduce((sum, item) => sum + decays[options.decay](item, s), 0),
            gain: (item, s, n) => {
              const last = sharedItems(s, n).at(-1) ?? -1;
              const idf = Math.log(training.length / holding(item));
              return scoreDecays[options.scoreDecay](last, s) * (1 + options.idfWeight * idf);
            },
          });
          const scorer = createBaseline('v-sknn', toTimedData(training, 8), { ...size, ...options });
          expectScores(scoresAfter(scorer, session), scores, 12);
        },
      ),
      { seed: 1 },
    );
  });

  it('refuses another decay, with the names of all', () => {
    expect(() => createBaseline('v-sknn', data, { decay: 'log' as never })).toThrow(
      new RangeError('createBaseline: "decay" expected linear, quadratic, none, got "log".'),
    );
  });
});

/** The cosine with clicks forgotten by λ1, and sessions by λ2. */
const stanSimilarity =
  ({ lambda1, lambda2 }: Record<'lambda1' | 'lambda2', number>): NaiveMethod['similarity'] =>
  (s, n, age) => {
    const weights = sharedItems(s, n).map((item) => Math.exp((lastClick(item, s) - s.length) / lambda1));
    const dot = weights.reduce((sum, weight) => sum + weight, 0);
    return (dot / Math.sqrt(sizeOf(s) * sizeOf(n))) * Math.exp(-age / lambda2);
  };

const lambda = fc.constantFrom(0.5, 2, Infinity);
const data = toTimedData(
  [
    { items: [0, 1, 2], day: 0 },
    { items: [3, 0], day: 10 },
  ],
  5,
);

describe('stan', () => {
  const off = { lambda1: Infinity, lambda2: Infinity, lambda3: Infinity };
  it('uses λ1 = 1.02, λ2 = 5 days and λ3 = 2.05 by default', () => {
    const given = createBaseline('stan', data, { lambda1: 1.02, lambda2: 5, lambda3: 2.05 });
    expect(scoresAfter(createBaseline('stan', data), [3, 1, 0])).toEqual(scoresAfter(given, [3, 1, 0]));
    expect(scoresAfter(createBaseline('stan', data), [3, 1, 0])).not.toEqual(
      scoresAfter(createBaseline('stan', data, off), [3, 1, 0]),
    );
  });

  it('samples 5,000 sessions and keeps 500 of them by default', () => {
    const training = [...many(1, [0, 1]), ...many(400, [0, 2]), ...many(4600, [0, 3, 4])];
    const scores = scoresAfter(createBaseline('stan', toTimedData(training, 5), off), [0]);
    expect(scores[1]).toBe(1 / 14602 - 1);
    expect(scores[2]).toBeCloseTo(400 / Math.sqrt(2), 5);
    expect(scores[3]).toBeCloseTo(100 / Math.sqrt(3), 5);
  });

  it('agrees with the formula', () => {
    fc.assert(
      fc.property(
        fc.tuple(someTimedSessions, someSession, someSize),
        fc.record({ lambda1: lambda, lambda2: lambda, lambda3: lambda }),
        ([training, session, size], options) => {
          const { lambda3 } = options;
          const scores = naiveScores(training, session, size, {
            similarity: stanSimilarity(options),
            gain: (item, s, n) => {
              const last = sharedItems(s, n).at(-1) ?? -1;
              return Math.exp(-Math.abs(lastClick(item, n) - lastClick(last, n)) / lambda3);
            },
          });
          const scorer = createBaseline('stan', toTimedData(training, 8), { ...size, ...options });
          expectScores(scoresAfter(scorer, session), scores, 12);
        },
      ),
      { seed: 1 },
    );
  });
});

describe('vstan', () => {
  it('adds λ4 = 1.02 and an idf weight of 5 to the defaults of STAN', () => {
    const given = { lambda1: 1.02, lambda2: 5, lambda3: 2.05, lambda4: 1.02, idfWeight: 5 };
    const expected = scoresAfter(
      createBaseline('vstan', data, { neighbours: 500, sampleSize: 5000, ...given }),
      [3, 1, 4],
    );
    expect(scoresAfter(createBaseline('vstan', data), [3, 1, 4])).toEqual(expected);
    for (const key of Object.keys(given)) {
      expect(scoresAfter(createBaseline('vstan', data, { [key]: 0.7 }), [3, 1, 4])).not.toEqual(expected);
    }
  });

  const lambdas = { lambda1: lambda, lambda2: lambda, lambda3: lambda, lambda4: lambda };
  it('agrees with the formula', () => {
    fc.assert(
      fc.property(
        fc.tuple(someTimedSessions, someSession, someSize),
        fc.record({ ...lambdas, idfWeight: fc.constantFrom(0, 1, 5) }),
        ([training, session, size], options) => {
          const { lambda3, lambda4, idfWeight } = options;
          const holding = (item: number) => training.filter(({ items }) => items.includes(item)).length;
          const scores = naiveScores(training, session, size, {
            similarity: stanSimilarity(options),
            gain: (item, s, n) => {
              const last = sharedItems(s, n).at(-1) ?? -1;
              const inNeighbour = Math.exp(-Math.abs(lastClick(item, n) - lastClick(last, n)) / lambda3);
              const inSession = Math.exp((lastClick(last, s) - s.length) / lambda4);
              return inNeighbour * inSession * (1 + idfWeight * Math.log(training.length / holding(item)));
            },
          });
          const scorer = createBaseline('vstan', toTimedData(training, 8), { ...size, ...options });
          expectScores(scoresAfter(scorer, session), scores, 12);
        },
      ),
      { seed: 1 },
    );
  });

  it.each([
    [{ indexSessions: 0 }, '"indexSessions" expected integer >= 1 or Infinity, got 0.'],
    [{ lambda1: 0 }, '"lambda1" expected number > 0, got 0. Infinity switches it off.'],
  ])('refuses %j', (options, message) => {
    expect(() => createBaseline('vstan', data, options)).toThrow(
      new RangeError(`createBaseline: ${message}`),
    );
  });
});
