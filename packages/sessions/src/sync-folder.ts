import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What systems answer that cannot flush a folder, or a file opened for reading: there a rename has to do. */
const unable = new Set(['EISDIR', 'EINVAL', 'EPERM', 'EACCES', 'ENOTSUP']);

/** Flushes the names within a folder to disk: before that a power cut can undo a rename. */
export async function syncFolder(directory: string): Promise<void> {
  try {
    const folder = await open(directory, 'r');
    await folder.sync().finally(() => folder.close());
  } catch (error) {
    if (!unable.has(String((error as NodeJS.ErrnoException).code))) throw error;
  }
}

/** Flushes every file of a folder, then the names. */
export async function syncFiles(directory: string): Promise<void> {
  for (const name of await readdir(directory)) await syncFolder(join(directory, name));
  await syncFolder(directory);
}
