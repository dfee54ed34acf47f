import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeShopLog } from '@gru4rec/synthetic';
import {
  createBaseline,
  evaluateAsync,
  figuresAt,
  loadModel,
  pairedBootstrap,
  prepare,
  readDataset,
  serve,
  train,
} from 'gru4rec';

const folder = mkdtempSync(join(tmpdir(), 'gru4rec-'));
const [clicks, data, trained] = ['clicks.tsv', 'data', 'model'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];
await writeShopLog(clicks, { events: 3000, items: 60, days: 10, seed: 1 }); // or your own: SessionId, ItemId, Time

await prepare({ inputs: [clicks], output: data, testDays: 2 });
const dataset = await readDataset(data);
const model = await train(dataset, { layers: [32], learningRate: 0.1, nEpochs: 3 });
await model.save(trained);

const { test } = dataset;
assert.ok(test);
const options = { keepRanks: true, support: dataset.support };
const ofModel = await evaluateAsync(model.scorer(), test, options);
assert.ok(figuresAt(ofModel, 20).recall > 0.3);

// Beside nearest sessions, on the same predictions.
const nearest = createBaseline('v-sknn', dataset);
const ofNearest = await evaluateAsync(nearest, test, options);
const { recall } = pairedBootstrap(ofModel, ofNearest, { cutoff: 20, resamples: 1000, seed: 1 });
assert.ok(recall.interval[0] < recall.difference && recall.difference < recall.interval[1]);
assert.deepEqual(
  ofNearest.warnings.map(({ code }) => code), // why its figures may mislead
  ['few-predictions'],
);

const session = (await loadModel(trained)).startSession();
for (const itemId of dataset.itemIds.slice(0, 2)) session.click(itemId); // one step of the network each
assert.equal(session.recommend(3, { excludeSeen: true }).length, 3);

const { url, server } = await serve(trained, { port: 0 });
assert.equal((await fetch(`${url}/health/ready`)).status, 200);
await server.stop({ probeMs: 0 }); // or `await using served = await serve(…)`
rmSync(folder, { recursive: true });
