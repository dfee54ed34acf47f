import { createHash } from 'node:crypto';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What systems answer that cannot flush a folder, or a file opened for reading: there a rename has to do. */
const unable = new Set(['EISDIR', 'EINVAL', 'EPERM', 'EACCES', 'ENOTSUP']);

/** Bytes handed over at once: what is shared between threads is copied on the way. */
const WRITTEN_AT_ONCE = 1 << 22;

/** Flushes a file, or the names within a folder, to disk: before that a power cut can undo a rename. */
export async function flush(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r');
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    if (!unable.has(String((error as NodeJS.ErrnoException).code))) throw error;
  }
}

/** Flushes all files below a folder, and the names; links are not followed. */
export async function flushAll(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await flushAll(path);
    else if (entry.isFile()) await flush(path);
  }
  await flush(folder);
}

/**
 * Writes a new file, flushed to disk.
 *
 * @param chunks - its content, in pieces that are made as they are written.
 * @returns the SHA-256 of what was written, in hexadecimal.
 */
export async function writeFlushed(file: string, chunks: Iterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  const handle = await open(file, 'wx');
  try {
    for (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += WRITTEN_AT_ONCE) {
        const piece = chunk.subarray(at, at + WRITTEN_AT_ONCE);
        hash.update(piece);
        await handle.writeFile(piece);
      }
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}
