import { type Scorer, topItems } from '@gru4rec/metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BaselineData, BaselineOptions } from '../src/baseline-kind.ts';
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

/** A baseline scores any session like the definition with the formulas that `methodOf` gives for its options. */
function expectFormula<T extends BaselineOptions>(
  id: string,
  someOptions: fc.Arbitrary<T>,
  methodOf: (options: T, idf: (item: number) => number) => NaiveMethod,
): void {
  fc.assert(
    fc.property(
      fc.tuple(someTimedSessions, someSession, someSize),
      someOptions,
      ([training, session, size], options) => {
        const holding = (item: number) => training.filter(({ items }) => items.includes(item)).length;
        const method = methodOf(options, (item) => Math.log(training.length / holding(item)));
        const scorer = createBaseline(id, toTimedData(training, 8), { ...size, ...options });
        expectScores(scoresAfter(scorer, session), naiveScores(training, session, size, method), 12);
      },
    ),
    { seed: 1 },
  );
}

const off = { lambda1: Infinity, lambda2: Infinity, lambda3: Infinity };

it.each([
  ['s-knn', 600, [0], {}, [1 / Math.sqrt(2), 1 / Math.sqrt(3)]],
  ['v-sknn', 600, [1, 0], {}, [1 / 2 + 1, 1]],
  ['stan', 4600, [0], off, [1 / Math.sqrt(2), 1 / Math.sqrt(3)]],
] as const)(
  '%s samples the latest sessions, 400 and %i, and keeps 500 by default',
  (id, rest, clicks, options, of) => {
    // The oldest session is not in the sample; of the others, those most similar are kept.
    const [oldest, alike, other] =
      id === 'v-sknn'
        ? [
            [0, 1, 4],
            [0, 1, 2],
            [0, 3],
          ]
        : [
            [0, 4],
            [0, 2],
            [0, 3, 1],
          ];
    const many = (count: number, items: number[] = []) =>
      Array.from({ length: count }, () => ({ items, day: 0 }));
    const training = [...many(1, oldest), ...many(400, alike), ...many(rest, other)];
    const events = training.reduce((sum, { items }) => sum + items.length, 0);
    const scores = scoresAfter(createBaseline(id, toTimedData(training, 5), options), clicks);
    expect(scores[4]).toBe(1 / events - 1);
    expect(scores[2]).toBeCloseTo(400 * of[0], 5);
    expect(scores[3]).toBeCloseTo(100 * of[1], 5);
  },
);

const similarities = {
  cosine: (s: readonly number[], n: readonly number[]) =>
    sharedItems(s, n).length / Math.sqrt(sizeOf(s) * sizeOf(n)),
  jaccard: (s: readonly number[], n: readonly number[]) =>
    sharedItems(s, n).length / new Set([...s, ...n]).size,
};

describe('sessionKnn', () => {
  it.each(['cosine', 'jaccard'] as const)('agrees with the formula for %s', (similarity) => {
    const method = { similarity: similarities[similarity], gain: () => 1 };
    expectFormula('s-knn', fc.constant({ similarity }), () => method);
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
  const decayNames = ['linear', 'quadratic', 'none'] as const;

  it('agrees with the formula', () => {
    const options = fc.record({
      decay: fc.constantFrom(...decayNames),
      scoreDecay: fc.constantFrom('div', ...decayNames),
      idfWeight: fc.constantFrom(0, 1, 10),
    });
    expectFormula('v-sknn', options, ({ decay, scoreDecay, idfWeight }, idf) => ({
      similarity: (s, n) => sharedItems(s, n).reduce((sum, item) => sum + decays[decay](item, s), 0),
      gain: (item, s, n) =>
        scoreDecays[scoreDecay](sharedItems(s, n).at(-1) ?? -1, s) * (1 + idfWeight * idf(item)),
    }));
  });

  it('refuses another decay, with the names of all', () => {
    expect(() => createBaseline('v-sknn', data, { decay: 'log' as never })).toThrow(
      new RangeError('createBaseline: "decay" expected linear, quadratic, none, got "log".'),
    );
  });
});

/** The cosine with clicks forgotten by λ1 and sessions by λ2; items of a neighbour by λ3. */
const stanMethod = ({
  lambda1,
  lambda2,
  lambda3,
}: Record<'lambda1' | 'lambda2' | 'lambda3', number>): NaiveMethod => ({
  similarity: (s, n, age) => {
    const weights = sharedItems(s, n).map((item) => Math.exp((lastClick(item, s) - s.length) / lambda1));
    const dot = weights.reduce((sum, weight) => sum + weight, 0);
    return (dot / Math.sqrt(sizeOf(s) * sizeOf(n))) * Math.exp(-age / lambda2);
  },
  gain: (item, s, n) => {
    const last = sharedItems(s, n).at(-1) ?? -1;
    return Math.exp(-Math.abs(lastClick(item, n) - lastClick(last, n)) / lambda3);
  },
});

const lambda = fc.constantFrom(0.5, 2, Infinity);
const lambdas = { lambda1: lambda, lambda2: lambda, lambda3: lambda };
const data = toTimedData(
  [
    { items: [0, 1, 2], day: 0 },
    { items: [3, 0], day: 10 },
  ],
  5,
);

describe('stan', () => {
  it('uses λ1 = 1.02, λ2 = 5 days and λ3 = 2.05 by default', () => {
    const of = (options: BaselineOptions) => scoresAfter(createBaseline('stan', data, options), [3, 1, 0]);
    expect(of({})).toEqual(of({ lambda1: 1.02, lambda2: 5, lambda3: 2.05 }));
    expect(of({})).not.toEqual(of(off));
  });

  it('agrees with the formula', () => {
    expectFormula('stan', fc.record(lambdas), stanMethod);
  });
});

describe('vstan', () => {
  it('adds λ4 = 1.02 and an idf weight of 5 to the defaults of STAN', () => {
    const of = (options: BaselineOptions) => scoresAfter(createBaseline('vstan', data, options), [3, 1, 4]);
    const given = { lambda1: 1.02, lambda2: 5, lambda3: 2.05, lambda4: 1.02, idfWeight: 5 };
    const expected = of({ neighbours: 500, sampleSize: 5000, ...given });
    expect(of({})).toEqual(expected);
    for (const key of Object.keys(given)) expect(of({ [key]: 0.7 })).not.toEqual(expected);
  });

  it('agrees with the formula', () => {
    const options = fc.record({ ...lambdas, lambda4: lambda, idfWeight: fc.constantFrom(0, 1, 5) });
    expectFormula('vstan', options, ({ lambda4, idfWeight, ...rest }, idf) => {
      const { similarity, gain } = stanMethod(rest);
      return {
        similarity,
        gain: (item, s, n) => {
          const last = sharedItems(s, n).at(-1) ?? -1;
          const inSession = Math.exp((lastClick(last, s) - s.length) / lambda4);
          return gain(item, s, n) * inSession * (1 + idfWeight * idf(item));
        },
      };
    });
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
