import assert from 'node:assert/strict';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { readSafetensors, writeOnnx, writeSafetensors } from '@gru4rec/formats';
import { Gru4Rec, train } from '@gru4rec/model';

const itemIds = ['a', 'b', 'c'];
const dataset = {
  itemIds,
  support: Int32Array.of(2, 2, 2), // events of each item
  train: {
    sessionOffsets: Int32Array.of(0, 3, 6),
    items: Int32Array.of(0, 1, 2, 0, 1, 2), // twice a, b, c
    sessionStartTimes: Float64Array.of(0, 1),
  },
};
const engine = createWasmEngine();
const config = { layers: [8], batchSize: 2, nSample: 8, nEpochs: 20 };
const model = await train(dataset, config, { engine });
const folder = await mkdtemp(join(tmpdir(), 'gru4rec-'));

await writeOnnx(model, join(folder, 'shop'), { top: 2 }); // model.onnx and items.json
assert.deepEqual(JSON.parse(await readFile(join(folder, 'shop', 'items.json'), 'utf8')), itemIds);

await writeSafetensors(model, join(folder, 'shop.safetensors'));
const again = new Gru4Rec({ ...(await readSafetensors(join(folder, 'shop.safetensors'))), engine });
const [visit, same] = [model.startSession(), again.startSession()];
for (const session of [visit, same]) session.click('a');
assert.deepEqual(same.recommend(3), visit.recommend(3)); // bit for bit
