import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBaseline } from '@gru4rec/baselines';
import { createWasmEngine } from '@gru4rec/engine-wasm';
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
const recommender = createBaseline('v-sknn', data);
await saveRecommender({ name: 'V-SKNN', itemIds: data.itemIds, recommender }, directory);

const engine = createWasmEngine({ threads: 1 });
const session = (await loadRecommender(directory, { engine })).startSession();
session.click('shoe');
assert.equal(session.recommend(2, { excludeSeen: true })[0]?.id, 'sock');
rmSync(join(directory, '..'), { recursive: true });
