import { open, stat } from 'node:fs/promises';
import { type RecordBatch, RecordBatchReader, type Schema, type TypeMap } from 'apache-arrow';
import { recordOf } from './checksum.ts';
import { DataError } from './data-error.ts';
import type { FileRecord } from './manifest.ts';
import { describeSchema } from './schema.ts';

/**
 * Reads an Arrow IPC file batch by batch, after its size, checksum and schema were found right.
 *
 * @throws DataError naming the file.
 */
export async function* readArrowFile<T extends TypeMap>(
  path: string,
  schema: Schema<T>,
  expected: FileRecord,
): AsyncGenerator<RecordBatch<T>> {
  await checkRecord(path, expected);
  const file = await open(path);
  try {
    const reader = await RecordBatchReader.from<T>(file);
    await reader.open();
    const found = describeSchema(reader.schema);
    if (found !== describeSchema(schema)) {
      throw new DataError(
        `readDataset: columns expected ${describeSchema(schema)}, got ${found}, at ${path}. Prepare the dataset again.`,
        { file: path },
      );
    }
    for await (const batch of reader) yield batch;
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    const message = `readDataset: expected an Arrow file, got one that cannot be read, at ${path}. Prepare the dataset again.`;
    throw new DataError(message, { file: path, cause });
  } finally {
    await file.close().catch(() => undefined);
  }
}

async function checkRecord(path: string, expected: FileRecord): Promise<void> {
  const size = await stat(path).then(
    (found) => found.size,
    (cause: unknown) => {
      throw new DataError(`readDataset: expected a file, got none, at ${path}. Prepare the dataset again.`, {
        file: path,
        cause,
      });
    },
  );
  if (size !== expected.bytes) {
    const message = `readDataset: size expected ${expected.bytes} bytes, got ${size}, at ${path}. The file is cut short or changed; prepare the dataset again.`;
    throw new DataError(message, { file: path });
  }
  const { sha256 } = await recordOf(path);
  if (sha256 !== expected.sha256) {
    const message = `readDataset: SHA-256 expected ${expected.sha256.slice(0, 12)}…, got ${sha256.slice(0, 12)}…, at ${path}. The file was changed; prepare the dataset again.`;
    throw new DataError(message, { file: path });
  }
}
