import assert from 'node:assert/strict';
import {
  breakDownByPosition,
  evaluate,
  evaluateAsync,
  figuresAt,
  pairedBootstrap,
  rankOf,
  type Scorer,
  sampleSessions,
} from '@gru4rec/metrics';

// A scorer of three items that predicts the item `places` further on: with 1, 0 → 1 → 2 → 0 …
const step = (places: number): Scorer => ({
  name: `step of ${places}`,
  itemCount: 3,
  open: (slots) => ({
    step(input) {
      const scores = new Float32Array(slots * 3);
      for (let slot = 0; slot < slots; slot++) scores[slot * 3 + ((input[slot] + places) % 3)] = 1;
      return scores;
    },
    close() {},
  }),
});

const sessions = { sessionOffsets: Int32Array.of(0, 3, 5), items: Int32Array.of(0, 1, 2, 1, 0) };
const options = { cutoffs: [1, 2], tieRule: 'conservative', keepRanks: true } as const;
const evaluation = evaluate(step(1), sessions, options);
assert.equal(evaluation.predictions, 3); // 0 → 1, 1 → 2; 1 → 0
assert.equal(figuresAt(evaluation, 1).recall, 2 / 3);

// Predicts only the last click of each session; predicts all later items.
assert.equal(evaluate(step(1), sessions, { cutoffs: [1], protocol: 'last' }).predictions, 2);
const remaining = evaluate(step(1), sessions, { cutoffs: [1], protocol: 'remaining' });
assert.equal(figuresAt(remaining, 1).recall, 1.5 / 3);

// Sessions in parts; a seeded sample of sessions.
const parts = [sessions, sessions];
assert.equal((await evaluateAsync(step(1), parts, options)).predictions, 2 * 3);
const sample = sampleSessions(sessions, { size: 1, seed: 1 });
assert.equal(sample.sessionOffsets.length - 1, 1);

// After the first click, and after the second.
const { ranks } = evaluation;
assert.ok(ranks);
assert.deepEqual(breakDownByPosition(ranks, 1), [
  { label: '1', predictions: 2, recall: 1 / 2, mrr: 1 / 2 },
  { label: '2', predictions: 1, recall: 1, mrr: 1 },
]);

// Is it better than one that predicts two places further on? Two sessions are too few to say.
const other = evaluate(step(2), sessions, options);
const { recall } = pairedBootstrap(evaluation, other, { cutoff: 1, resamples: 1000, seed: 1 });
assert.equal(recall.difference, 1 / 3); // 2 / 3 − 1 / 3
assert.ok(recall.p > 0.05);

// Why its figures may mislead.
assert.deepEqual(
  evaluation.warnings.map(({ code }) => code),
  ['tied-scores', 'few-predictions', 'few-sessions'],
);

// One item is better than item 2, three have its score.
const scores = Float32Array.of(9, 5, 5, 5);
assert.equal(rankOf(scores, 2, 'standard'), 2);
assert.equal(rankOf(scores, 2, 'median'), 3);
assert.equal(rankOf(scores, 2, 'conservative'), 4);
