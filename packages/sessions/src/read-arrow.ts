import { type RecordBatch, RecordBatchReader, type Schema, type TypeMap } from 'apache-arrow';
import { sha256Of } from './checksum.ts';
import { DataError } from './data-error.ts';
import type { FileRecord } from './manifest.ts';
import { type OpenFile, openFile } from './open-file.ts';
import { describeSchema } from './schema.ts';

/**
 * Opens a file of a dataset after its size and checksum were found right: nothing else looks into it before.
 *
 * @returns the open file; `readArrowFile` closes it.
 * @throws DataError naming the file.
 */
export async function openChecked(directory: string, name: string, expected: FileRecord): Promise<OpenFile> {
  const file = await openFile(directory, name);
  try {
    await checkRecord(file, expected);
    return file;
  } catch (error) {
    await file.handle.close();
    throw error;
  }
}

/**
 * Reads an Arrow IPC file batch by batch, after its schema was found right, and closes it.
 *
 * @throws DataError naming the file.
 */
export async function* readArrowFile<T extends TypeMap>(
  { path, handle }: OpenFile,
  schema: Schema<T>,
): AsyncGenerator<RecordBatch<T>> {
  try {
    const reader = await RecordBatchReader.from<T>(handle);
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
    await handle.close().catch(() => undefined);
  }
}

async function checkRecord({ path, handle, bytes }: OpenFile, expected: FileRecord): Promise<void> {
  if (bytes !== expected.bytes) {
    const message = `readDataset: size expected ${expected.bytes} bytes, got ${bytes}, at ${path}. The file is cut short or changed; prepare the dataset again.`;
    throw new DataError(message, { file: path });
  }
  const sha256 = await sha256Of(handle);
  if (sha256 !== expected.sha256) {
    const message = `readDataset: SHA-256 expected ${expected.sha256.slice(0, 12)}…, got ${sha256.slice(0, 12)}…, at ${path}. The file was changed; prepare the dataset again.`;
    throw new DataError(message, { file: path });
  }
}
