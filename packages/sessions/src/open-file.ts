import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from './data-error.ts';

/** A manifest is some kilobytes; no file is read whole that is larger than this. */
export const MAX_MANIFEST_BYTES: number = 16 * 2 ** 20;

/** An open file and its size. */
export interface OpenFile {
  readonly path: string;
  /** The caller closes it. */
  readonly handle: FileHandle;
  readonly bytes: number;
}

/**
 * Opens a file of a dataset to read it: a file and nothing else. A link could lead out of the folder, a pipe would
 * keep its reader waiting.
 *
 * @throws DataError naming the file.
 */
export async function openFile(directory: string, name: string): Promise<OpenFile> {
  const path = join(directory, name);
  const found = await lstat(path).catch((cause: unknown) => {
    throw refused(path, (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'none' : 'an error', cause);
  });
  if (!found.isFile()) throw refused(path, kindOf(found));
  // What took the place of the file since then is not followed and not waited for.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const handle = await open(path, flags).catch((cause: unknown) => {
    throw refused(path, 'one that cannot be opened', cause);
  });
  const opened = await handle.stat();
  if (opened.isFile()) return { path, handle, bytes: opened.size };
  await handle.close();
  throw refused(path, kindOf(opened));
}

/**
 * The text of a manifest, after its size was found sensible.
 *
 * @throws DataError naming the file.
 */
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

function kindOf(found: { isSymbolicLink(): boolean; isDirectory(): boolean }): string {
  if (found.isSymbolicLink()) return 'a link, which is not followed';
  return found.isDirectory() ? 'a folder' : 'a pipe or device';
}

function refused(path: string, got: string, cause?: unknown): DataError {
  const message = `readDataset: expected a file, got ${got}, at ${path}. Prepare the dataset again.`;
  return new DataError(message, { file: path, ...(cause === undefined ? {} : { cause }) });
}
