import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { loadModel, train } from '@gru4rec/model';

// Three visitors clicked a, b, c in this order; two clicked c, a.
const sessions = [
  ['a', 'b', 'c'],
  ['a', 'b', 'c'],
  ['a', 'b', 'c'],
  ['c', 'a'],
  ['c', 'a'],
];
const itemIds = ['a', 'b', 'c'];
const dataset = {
  itemIds,
  support: Int32Array.of(5, 3, 5), // events of each item
  train: {
    sessionOffsets: Int32Array.of(0, 3, 6, 9, 11, 13),
    items: Int32Array.from(sessions.flat(), (id) => itemIds.indexOf(id)),
    sessionStartTimes: Float64Array.of(0, 1, 2, 3, 4),
  },
};

const engine = createWasmEngine();
const losses: number[] = [];
const model = await train(
  dataset,
  { layers: [8], batchSize: 2, nSample: 8, nEpochs: 60, learningRate: 0.3, seed: 1 },
  { engine, onEpoch: ({ loss }) => losses.push(loss) },
);
assert.ok((losses.at(-1) ?? 0) < (losses[0] ?? 0));

const folder = join(await mkdtemp(join(tmpdir(), 'gru4rec-')), 'model');
await model.save(folder);
const loaded = await loadModel(folder, { engine });
const session = loaded.startSession();
session.click('a');
assert.equal(session.recommend(1, { excludeSeen: true })[0]?.id, 'b');
session.click('b'); // one more step, for any history
assert.equal(session.recommend(1, { excludeSeen: true })[0]?.id, 'c');

// Many visitors at once: their clicks run in common steps, and scores are computed on request.
const live = loaded.sessions({ capacity: 10_000, maxAgeMs: 30 * 60_000 });
live.click([
  { session: 'ann', item: 'a' },
  { session: 'bob', item: 'c' },
  { session: 'ann', item: 'b' },
]);
const groups = new Map([
  ['a', 'shoes'],
  ['b', 'shoes'],
]);
assert.equal(live.recommend('ann', 3, { groups, maxPerGroup: 1 }).length, 2); // one of the shoes, and c
const { items, unknown } = live.rank('bob', ['b', 'a', 'x']); // only these are scored
assert.equal(items[0]?.id, 'a');
assert.deepEqual(unknown, ['x']);
loaded.dispose();
