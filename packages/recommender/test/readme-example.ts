import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBaseline } from '@gru4rec/baselines';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { train } from '@gru4rec/model';
import { loadRecommender, saveRecommender } from '@gru4rec/recommender';

const directory = join(mkdtempSync(join(tmpdir(), 'recommender-')), 'shop');
const data = {
  itemIds: ['shoe', 'sock', 'hat'],
  support: Int32Array.of(2, 2, 1),
  train: {
    sessionOffsets: Int32Array.of(0, 3, 5),
    items: Int32Array.of(0, 1, 2, 0, 1), // shoe, sock, hat; shoe, sock
    sessionStartTimes: Float64Array.of(1, 2),
  },
};
const engine = createWasmEngine({ threads: 1 });
const config = { layers: [4], batchSize: 2, nSample: 0, nEpochs: 1 };
const parts = [
  { recommender: await train(data, config, { engine }), weight: 0.4 },
  { recommender: createBaseline('v-sknn', data), weight: 0.6 },
];
await saveRecommender({ name: 'GRU4Rec + V-SKNN', itemIds: data.itemIds, parts }, directory);

const session = (await loadRecommender(directory, { engine })).startSession();
session.click('shoe');
assert.equal(session.recommend(2, { excludeSeen: true })[0]?.id, 'sock');
rmSync(join(directory, '..'), { recursive: true });
