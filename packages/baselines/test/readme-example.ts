import assert from 'node:assert/strict';
import { createBaseline } from '@gru4rec/baselines';
import { evaluate } from '@gru4rec/metrics';

// Four sessions of four items: 0 1 2 | 0 1 | 3 2 3 | 0 1 2
const sessionOffsets = Int32Array.of(0, 3, 5, 8, 11);
const items = Int32Array.of(0, 1, 2, 0, 1, 3, 2, 3, 0, 1, 2);
const data = { support: Int32Array.of(3, 3, 3, 2), train: { sessionOffsets, items } };

const test = { sessionOffsets: Int32Array.of(0, 3), items: Int32Array.of(0, 1, 2) };
const recalls = ['pop', 's-pop', 'item-knn'].map((name) => {
  const scorer = createBaseline(name, data);
  const [result] = evaluate(scorer, test, { cutoffs: [2], tieRule: 'conservative' }).results;
  return `${scorer.name} ${result?.recall}`;
});
assert.deepEqual(recalls, ['POP 0', 'S-POP 0', 'item-KNN 1']);
