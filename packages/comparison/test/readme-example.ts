import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare, parseContenders, parseGate } from '@gru4rec/comparison';
import { readDataset, writeDataset } from '@gru4rec/dataset';
import { createWasmEngine } from '@gru4rec/engine-wasm';

const folder = mkdtempSync(join(tmpdir(), 'comparison-'));
const sessions = {
  sessionIds: ['monday', 'tuesday'],
  sessionOffsets: Int32Array.of(0, 3, 5),
  items: Int32Array.of(0, 1, 2, 0, 1), // shoe, sock, hat; shoe, sock
  times: BigInt64Array.of(1000n, 2000n, 3000n, 4000n, 5000n),
};
await writeDataset(
  folder,
  {
    items: [{ itemIds: ['shoe', 'sock', 'hat'], support: Int32Array.of(2, 2, 1) }],
    splits: { train: [sessions], test: [{ ...sessions, times: sessions.times.map((ms) => ms + 9000n) }] },
  },
  { overwrite: true },
);

const report = await compare(
  {
    data: 'a shop',
    cutoffs: [1],
    contenders: parseContenders(['pop', 'sr']),
    gates: [parseGate('sr >= pop mrr@1')],
  },
  { dataset: await readDataset(folder), engine: createWasmEngine() },
);
rmSync(folder, { recursive: true });

// Rules know what follows what. Popularity misses the hat, which is rare.
assert.deepEqual(
  report.models.map(({ name, results }) => [name, results[0]?.recall.mean]),
  [
    ['POP', 2 / 3],
    ['SR', 1],
  ],
);
assert.equal(report.gates?.[0]?.passed, true);
