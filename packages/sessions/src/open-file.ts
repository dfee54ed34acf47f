import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from './data-error.ts';

/** Maximum bytes of a manifest, which normally has a few kilobytes. */
export const MAX_MANIFEST_BYTES: number = 16 * 2 ** 20;

/** An open file and its size. */
export interface OpenFile {
  readonly path: string;
  /** The caller closes it. */
  readonly handle: FileHandle;
  readonly bytes: number;
}

/**
 * Opens a file of a dataset for reading. Only regular files are opened: a link could lead out of the folder, and reading
 * from a pipe could wait forever.
 *
 * @throws DataError naming the file.
 */
export async function openFile(directory: string, name: string): Promise<OpenFile> {
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

/**
 * Reads the text of a manifest after a check of its size.
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
