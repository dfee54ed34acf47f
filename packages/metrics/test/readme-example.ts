import assert from 'node:assert/strict';
import { evaluate, rankOf, type Scorer } from '@gru4rec/metrics';

// A scorer of three items that expects the item after the one just seen: 0, 1, 2, 0, …
const next: Scorer = {
  name: 'next',
  itemCount: 3,
  open: (slots) => ({
    step(input) {
      const scores = new Float32Array(slots * 3);
      for (let slot = 0; slot < slots; slot++) scores[slot * 3 + ((input[slot] + 1) % 3)] = 1;
      return scores;
    },
    close() {},
  }),
};

const sessions = { sessionOffsets: Int32Array.of(0, 3, 5), items: Int32Array.of(0, 1, 2, 1, 0) };
const evaluation = evaluate(next, sessions, { cutoffs: [1, 2], tieRule: 'conservative' });
assert.equal(evaluation.predictions, 3); // 0 → 1, 1 → 2; 1 → 0
assert.equal(evaluation.results[0]?.recall, 2 / 3);

// One item is better than item 2, three have its score.
const scores = Float32Array.of(9, 5, 5, 5);
assert.equal(rankOf(scores, 2, 'standard'), 2);
assert.equal(rankOf(scores, 2, 'median'), 3);
assert.equal(rankOf(scores, 2, 'conservative'), 4);
