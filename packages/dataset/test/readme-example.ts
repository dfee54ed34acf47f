import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataset, readDataset, writeDataset } from '@gru4rec/dataset';

const folder = mkdtempSync(join(tmpdir(), 'sessions-'));
await writeDataset(join(folder, 'dataset'), {
  items: [{ itemIds: ['shoe', 'sock'], support: Int32Array.of(2, 1) }],
  splits: {
    train: [
      {
        sessionIds: ['monday'],
        sessionOffsets: Int32Array.of(0, 3),
        items: Int32Array.of(0, 1, 0), // shoe, sock, shoe
        times: BigInt64Array.of(1000n, 2000n, 3000n),
      },
    ],
  },
});

const { itemIds, train } = await readDataset(join(folder, 'dataset'));
assert.deepEqual(
  Array.from(train.items, (item) => itemIds.at(item)),
  ['shoe', 'sock', 'shoe'],
);
assert.deepEqual([...train.sessionStartTimes], [1000]);

const opened = await openDataset(join(folder, 'dataset')); // sessions stay on disk
const { sessionOffsets, items } = await opened.train.read(0);
assert.deepEqual([sessionOffsets, items], [train.sessionOffsets, train.items]);
await opened.close();
rmSync(folder, { recursive: true });
