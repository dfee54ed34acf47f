import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { train } from '@gru4rec/model';
import { createServer, MemoryStore } from '@gru4rec/serving';

const directory = join(mkdtempSync(join(tmpdir(), 'serving-')), 'model');
const data = {
  itemIds: ['shoe', 'sock', 'hat'],
  support: Int32Array.of(2, 2, 1),
  train: {
    sessionOffsets: Int32Array.of(0, 3, 5),
    items: Int32Array.of(0, 1, 2, 0, 1), // shoe, sock, hat; shoe, sock
    sessionStartTimes: Float64Array.of(1, 2),
  },
};
const config = { layers: [4], batchSize: 2, nSample: 0, nEpochs: 1 };
await (await train(data, config, { engine: createWasmEngine() })).save(directory);

const server = await createServer({
  models: [{ name: 'shop', directory }],
  sessions: new MemoryStore({ maxAgeMs: 30 * 60_000 }),
  startThread(workerData) {
    // A file that calls serveInference(() => createWasmEngine({ threads: 1 })).
    const thread = new URL('./wasm-thread.mjs', import.meta.url);
    return new Worker(thread, { workerData, execArgv: ['--conditions=@gru4rec/source'] });
  },
});
const url = await server.listen({ port: 0 });
await server.load();

const click = { item: 'shoe', n: 2, excludeSeen: true };
const response = await fetch(`${url}/v1/sessions/ann/events`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(click),
});
const answer = (await response.json()) as { items: { id: string }[] };
assert.deepEqual(answer.items.map(({ id }) => id).sort(), ['hat', 'sock']);

await server.stop({ probeMs: 0 });
rmSync(join(directory, '..'), { recursive: true });
