import { baselineNames } from '@gru4rec/baselines';
import { type Scorer, topItems } from '@gru4rec/metrics';
import type { LivePrograms } from '@gru4rec/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BaselineRecommender } from '../src/index.ts';
import { contentOf, data } from './recommenders.ts';

const items = data.itemIds.length;
const bprMf = { factors: 8, epochs: 3 };

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

describe.each(baselineNames)('a recommender of %s', (name) => {
  it('lists and scores as the scorer of a comparison, for any session', () => {
    const recommender = new BaselineRecommender(contentOf(name, name === 'bpr-mf' ? bprMf : {}));
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

describe('BaselineRecommender', () => {
  it('scores a session by its last 200 clicks', () => {
    const recommender = new BaselineRecommender(contentOf('v-sknn'));
    const clicks = Array.from({ length: 207 }, (_, at) => (at * 37) % 60);
    const scores = recommender.live.scoreAll(stateAfter(recommender.live, clicks));
    expect([...scores]).toEqual([...naiveScores(recommender.scorer(), clicks.slice(7))]);
  });
});
