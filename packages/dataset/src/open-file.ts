import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Schema, TypeMap } from 'apache-arrow';
import { ArrowError, type ArrowFile, openArrow } from './arrow/index.ts';
import { DataError } from './data-error.ts';
import type { FileRecord } from './manifest.ts';

/** A manifest normally has a few kilobytes. */
export const MAX_MANIFEST_BYTES: number = 16 * 2 ** 20;

export interface OpenFile {
  readonly path: string;
  /** The caller closes it. */
  readonly handle: FileHandle;
  readonly bytes: number;
}

/** Opens a regular file: a link could lead out of the folder, and reading from a pipe could wait forever. */
async function openFile(directory: string, name: string): Promise<OpenFile> {
  const path = join(directory, name);
  const found = await lstat(path).catch((cause: unknown) => {
    throw refused(path, (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'none' : 'an error', cause);
  });
  if (!found.isFile()) throw refused(path, kindOf(found));
  // Neither follows a link nor waits for a pipe that replaced the file after the check.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const handle = await open(path, flags).catch((cause: unknown) => {
    throw refused(path, 'one that cannot be opened', cause);
  });
  const opened = await handle.stat();
  if (opened.isFile()) return { path, handle, bytes: opened.size };
  await handle.close();
  throw refused(path, kindOf(opened));
}

/** After a check of its size. */
export async function readManifestText(directory: string, name: string): Promise<string> {
  const { path, handle, bytes } = await openFile(directory, name);
  try {
    if (bytes > MAX_MANIFEST_BYTES) throw refused(path, `${bytes} bytes, more than ${MAX_MANIFEST_BYTES}`);
    return await handle.readFile('utf8');
  } catch (cause) {
    throw cause instanceof DataError ? cause : refused(path, 'one that cannot be read', cause);
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

function kindOf(found: { isSymbolicLink(): boolean; isDirectory(): boolean }): string {
  if (found.isSymbolicLink()) return 'a link, which is not followed';
  return found.isDirectory() ? 'a folder' : 'a pipe or device';
}

function refused(path: string, got: string, cause?: unknown): DataError {
  const message = `readDataset: expected a file, got ${got}, at ${path}. Prepare the dataset again.`;
  return new DataError(message, { file: path, ...(cause === undefined ? {} : { cause }) });
}
