import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Schema, TypeMap } from 'apache-arrow';
import { ArrowError, type ArrowFile, openArrow } from './arrow/index.ts';
import { DataError } from './data-error.ts';
import type { FileRecord } from './manifest.ts';

export interface OpenFile {
  readonly path: string;
  /** The caller closes it. */
  readonly handle: FileHandle;
  readonly bytes: number;
}

async function openFile(directory: string, name: string): Promise<OpenFile> {
  const path = join(directory, name);
  const handle = await open(path).catch((cause: unknown) => {
    throw refused(path, (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'none' : 'an error', cause);
  });
  return { path, handle, bytes: (await handle.stat()).size };
}

export async function readManifestText(directory: string, name: string): Promise<string> {
  const { path, handle } = await openFile(directory, name);
  try {
    return await handle.readFile('utf8');
  } catch (cause) {
    throw refused(path, 'one that cannot be read', cause);
  } finally {
    await handle.close();
  }
}

/** Checks size and SHA-256 before anything else is read. The caller closes the file. */
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

async function checkRecord({ path, handle, bytes }: OpenFile, expected: FileRecord): Promise<void> {
  if (bytes !== expected.bytes) {
    const message = `readDataset: size expected ${expected.bytes} bytes, got ${bytes}, at ${path}. The file is cut short or changed; prepare the dataset again.`;
    throw new DataError(message, { file: path });
  }
  const hash = createHash('sha256');
  const stream = handle.createReadStream({ start: 0, autoClose: false, highWaterMark: 1 << 20 });
  for await (const chunk of stream) hash.update(chunk as Buffer);
  const sha256 = hash.digest('hex');
  if (sha256 !== expected.sha256) {
    const message = `readDataset: SHA-256 expected ${expected.sha256.slice(0, 12)}…, got ${sha256.slice(0, 12)}…, at ${path}. The file was changed; prepare the dataset again.`;
    throw new DataError(message, { file: path });
  }
}

/** For reading by batch; checks the schema. The caller closes the file. */
export async function openArrowFile<T extends TypeMap>(
  { path, handle }: OpenFile,
  schema: Schema<T>,
): Promise<ArrowFile<T>> {
  const refuse = (cause: unknown): never => {
    // An error with a code is of the system, such as for a file that was closed.
    const isOfFile = cause instanceof ArrowError || (cause instanceof Error && 'code' in cause);
    if (!isOfFile) throw cause;
    const message = `readDataset: expected an Arrow file, got one that cannot be read (${cause.message}), at ${path}. Prepare the dataset again.`;
    throw new DataError(message, { file: path, cause });
  };
  const arrow = await openArrow<T>(handle).catch(refuse);
  const [expected, found] = [schema, arrow.schema].map(describeSchema);
  if (found !== expected) {
    const message = `readDataset: columns expected ${expected}, got ${found}, at ${path}. Prepare the dataset again.`;
    throw new DataError(message, { file: path });
  }
  return { ...arrow, read: (index) => arrow.read(index).catch(refuse) };
}

/** Such as `id: Utf8, items: List<Int32>`. */
function describeSchema(schema: Schema): string {
  return schema.fields.map((field) => `${field.name}: ${field.type}`).join(', ');
}

function refused(path: string, got: string, cause: unknown): DataError {
  const message = `readDataset: expected a file, got ${got}, at ${path}. Prepare the dataset again.`;
  return new DataError(message, { file: path, cause });
}
