import { type Scorer, topItems } from '@gru4rec/metrics';
import type { Gru4Rec, LivePrograms } from '@gru4rec/model';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { MixedRecommender, type RecommenderPart } from '../src/index.ts';
import { baseline, data, partsOf, trainTiny } from './recommenders.ts';

const items = data.itemIds.length;
let [plain, repeating]: (Gru4Rec | undefined)[] = [];
beforeAll(async () => {
  plain = await trainTiny();
  repeating = await trainTiny({ parts: ['network', 'repeats', 'co-occurrences'], repeatLength: 3, seed: 2 });
});

const model = (weight = 0.5): RecommenderPart => ({ recommender: plain as Gru4Rec, weight });
const other = (weight = 0.5): RecommenderPart => ({ recommender: repeating as Gru4Rec, weight });

/** Parts, as functions because models are trained before the tests. */
const cases: readonly (readonly [string, () => readonly RecommenderPart[]])[] = [
  ...[
    'pop',
    'r-pop',
    's-pop',
    'markov',
    'sr',
    'ar',
    'item-knn',
    's-knn',
    'v-sknn',
    'stan',
    'vstan',
    'counts',
  ].map((name) => [name, () => [baseline(name, 1)]] as const),
  ['bpr-mf', () => [baseline('bpr-mf', 1, { factors: 8, epochs: 3 })]],
  ['GRU4Rec 0.4 + V-SKNN', () => [model(0.4), baseline('v-sknn', 0.6)]],
  ['V-SKNN 0.1 + GRU4Rec', () => [baseline('v-sknn', 0.1), model(0.9)]],
  ['GRU4Rec with a repeat bias + STAN', () => [other(), baseline('stan')]],
  ['two GRU4Recs', () => [model(0.3), other(0.7)]],
  ['item-KNN + S-POP', () => [baseline('item-knn', 0.1), baseline('s-pop', 0.9)]],
  ['BPR-MF + SR', () => [baseline('bpr-mf', 0.5, { factors: 8, epochs: 3 }), baseline('sr')]],
  ['a weight of 0', () => [model(0), baseline('vstan', 1)]],
  ['three parts', () => [model(0.2), baseline('v-sknn', 0.5), baseline('markov', 0.3)]],
];

/** The scores that `compare` ranks by. */
function naiveScores(scorer: Scorer, clicks: readonly number[]): Float64Array {
  const session = scorer.open(1);
  let scores: ArrayLike<number> = [];
  for (const [at, item] of clicks.entries())
    scores = session.step(Int32Array.of(item), Float32Array.of(at === 0 ? 1 : 0));
  const copied = Float64Array.from(scores);
  session.close();
  return copied;
}

function stateAfter(live: LivePrograms, clicks: readonly number[]): Float32Array {
  const state = new Float32Array(live.stateLength);
  for (const item of clicks) live.advance([{ state, item }]);
  return state;
}

/** Clicks as visitors make them: nearby and repeated items. */
const someClicks = fc
  .tuple(fc.nat({ max: items - 1 }), fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 8 }))
  .map(([start, steps]) => [start, ...steps.map((step) => (start + step + items) % items)]);

describe.each(cases)('a recommender of %s', (name, parts) => {
  const make = () => new MixedRecommender(partsOf(name, parts()));

  it('lists and scores as the scorer of a comparison, for any session', () => {
    const recommender = make();
    const { live } = recommender;
    const scorer = recommender.scorer();
    live.reserve(4);
    fc.assert(
      fc.property(
        fc.array(someClicks, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(1, 20, 64),
        (sessions, count) => {
          const states = sessions.map((clicks) => stateAfter(live, clicks));
          const lists = live.best(states, count);
          for (const [at, clicks] of sessions.entries()) {
            const expected = naiveScores(scorer, clicks);
            const list = lists?.[at];
            const best = topItems(expected, count);
            expect(list?.items.subarray(0, count)).toEqual(best);
            const some = best.subarray(0, 3);
            const scored = live.scoreItems(states[at], some);
            for (const [place, item] of some.entries()) {
              expect(list?.scores[place]).toBeCloseTo(expected[item], 5);
              expect(scored[place]).toBeCloseTo(expected[item], 5);
            }
            expect(topItems(Float64Array.from(live.scoreAll(states[at])), count)).toEqual(best);
          }
        },
      ),
      { seed: 1, numRuns: 20 },
    );
  });
});

describe('MixedRecommender', () => {
  it('scores a session by its last 200 clicks', () => {
    const recommender = new MixedRecommender(partsOf('V-SKNN', [baseline('v-sknn', 1)]));
    const clicks = Array.from({ length: 207 }, (_, at) => (at * 37) % 60);
    const scores = recommender.live.scoreAll(stateAfter(recommender.live, clicks));
    expect([...scores]).toEqual([...naiveScores(recommender.scorer(), clicks.slice(7))]);
  });
});
