import { ArrowError, type ArrowFile, openArrow } from '@gru4rec/arrow-ipc';
import type { RecordBatch, Schema, TypeMap } from 'apache-arrow';
import { sha256Of } from './checksum.ts';
import { DataError } from './data-error.ts';
import type { FileRecord } from './manifest.ts';
import { type OpenFile, openFile } from './open-file.ts';
import { describeSchema } from './schema.ts';

/**
 * Opens a file of a dataset and checks its size and checksum before anything else is read.
 *
 * @returns the open file; the caller closes it.
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
 * Opens an Arrow IPC file for reading by batch, and checks its schema. The caller closes the file.
 *
 * @param bufferLimits - maximum bytes of each buffer of a compressed batch, in order.
 * @throws DataError naming the file.
 */
export async function openArrowFile<T extends TypeMap>(
  { path, handle }: OpenFile,
  schema: Schema<T>,
  bufferLimits: readonly number[],
): Promise<ArrowFile<T>> {
  const onSchema = (found: Schema) => checkSchema(path, found, schema);
  const refuse = (cause: unknown): never => {
    throw cause instanceof ArrowError || isSystemError(cause) ? unreadable(path, cause) : cause;
  };
  const arrow = await openArrow<T>(handle, { bufferLimits, onSchema }).catch(refuse);
  return { ...arrow, read: (index) => arrow.read(index).catch(refuse) };
}

/**
 * Checks the schema of an Arrow IPC file, reads it batch by batch, and closes it.
 *
 * @param bufferLimits - as of `openArrowFile`.
 * @throws DataError naming the file.
 */
export async function* readArrowFile<T extends TypeMap>(
  file: OpenFile,
  schema: Schema<T>,
  bufferLimits: readonly number[],
): AsyncGenerator<RecordBatch<T>> {
  try {
    const arrow = await openArrowFile(file, schema, bufferLimits);
    for (let index = 0; index < arrow.batches; index++) yield await arrow.read(index);
  } finally {
    await file.handle.close();
  }
}

function checkSchema(path: string, found: Schema, schema: Schema): void {
  if (describeSchema(found) === describeSchema(schema)) return;
  throw new DataError(
    `readDataset: columns expected ${describeSchema(schema)}, got ${describeSchema(found)}, at ${path}. Prepare the dataset again.`,
    { file: path },
  );
}

/** Whether an error is from the operating system, such as for a file that was closed. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error;
}

function unreadable(path: string, cause: Error): DataError {
  const message = `readDataset: expected an Arrow file, got one that cannot be read (${cause.message}), at ${path}. Prepare the dataset again.`;
  return new DataError(message, { file: path, cause });
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
