import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { arrowFileWriter, readArrowBatches } from '@gru4rec/arrow-ipc';
import { type Float64, type Int32, tableFromArrays } from 'apache-arrow';

const table = tableFromArrays({ item: Int32Array.of(3, 3, 1), time: Float64Array.of(1, 2, 5) });
const writer = await arrowFileWriter<{ item: Int32; time: Float64 }>('zstd');
for (const batch of table.batches) writer.write(batch);
const folder = mkdtempSync(join(tmpdir(), 'arrow-ipc-'));
writeFileSync(join(folder, 'log.arrow'), writer.finish().toUint8Array(true));

const file = await open(join(folder, 'log.arrow'));
const items: number[] = [];
for await (const batch of readArrowBatches(file, { maxFields: 100 })) {
  items.push(...(batch.getChild('item')?.toArray() ?? []));
}
assert.deepEqual(items, [3, 3, 1]);
await file.close();
rmSync(folder, { recursive: true });
