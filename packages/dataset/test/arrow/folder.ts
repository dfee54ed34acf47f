import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { testFolder } from '@gru4rec/test-support/folder';
import { AsyncByteQueue, type Table, tableFromArrays } from 'apache-arrow';
import { arrowFileWriter, type Compression, readArrowBatches } from '../../src/arrow/index.ts';

/** Returns a function that writes bytes to a file and reads its rows. */
export function rowReader(): (bytes: Uint8Array, maxFields?: number) => Promise<unknown[]> {
  const path = join(testFolder(), 'file');
  return async (bytes, maxFields = 64) => {
    writeFileSync(path, bytes);
    const file = await open(path);
    try {
      const rows: unknown[] = [];
      for await (const batch of readArrowBatches(file, { maxFields })) {
        rows.push(...batch.toArray().map((row) => row.toJSON()));
      }
      return rows;
    } finally {
      await file.close();
    }
  };
}

/** A table as the bytes of a file. */
export async function fileOf(table: Table, compression?: Compression): Promise<Buffer> {
  const sink = new AsyncByteQueue();
  const writer = await arrowFileWriter(compression);
  writer.reset(sink, table.schema);
  for (const batch of table.batches) writer.write(batch);
  writer.finish();
  sink.close();
  return Buffer.from(await sink.toUint8Array());
}

/** A table with numbers that compress well, and strings. */
export function sampleTable(rows = 300): Table {
  const index = Array.from({ length: rows }, (_, row) => row);
  return tableFromArrays({
    item: Int32Array.from(index, (row) => row % 7),
    time: BigInt64Array.from(index, (row) => 1_396_437_466_940n + BigInt(row * 250)),
    kind: index.map((row) => (row % 3 === 0 ? 'view' : 'buy')),
  });
}
