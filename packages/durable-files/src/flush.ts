import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { mkdir, open, readdir, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** Codes of systems that cannot flush a folder or a file opened for reading. */
const unsupported = new Set(['EISDIR', 'EINVAL', 'EPERM', 'EACCES', 'ENOTSUP']);

/** Bytes per write. Node copies memory that threads share before it writes it. */
const WRITE_BYTES = 1 << 22;

/**
 * Checks that files can be made in a folder, or in its nearest existing ancestor, by making a folder there: `access` asks for
 * the real user, not for the effective one. The next check removes what a killed one left.
 * @throws the system's error if not.
 */
export async function checkWritable(directory: string): Promise<void> {
  const folder = resolve(directory);
  const parent = dirname(folder);
  if (parent !== folder && !existsSync(folder)) return checkWritable(parent);
  const probe = join(folder, '.gru4rec-writable');
  // Another process may make or remove the same folder.
  const unless = (code: string) => (error: NodeJS.ErrnoException) => {
    if (error.code !== code) throw error;
  };
  await mkdir(probe).catch(unless('EEXIST'));
  await rmdir(probe).catch(unless('ENOENT'));
}

/** Makes a folder and the missing ones above it. Their names are on disk when it returns. */
export function makeFolder(path: string): void {
  const folder = resolve(path);
  const first = mkdirSync(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) flushFolder(dirname(made));
}

function flushFolder(path: string): void {
  try {
    const descriptor = openSync(path, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    ignoreUnsupported(error);
  }
}

function ignoreUnsupported(error: unknown): void {
  if (!unsupported.has(String((error as NodeJS.ErrnoException).code))) throw error;
}

/** Until then a power failure can undo a rename. */
export async function flush(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r');
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    ignoreUnsupported(error);
  }
}

/** Links are not followed. */
export async function flushAll(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await flushAll(path);
    else if (entry.isFile()) await flush(path);
  }
  await flush(folder);
}

/** @returns the SHA-256 of the content, in hexadecimal. */
export async function writeFlushed(file: string, chunks: Iterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  const handle = await open(file, 'wx');
  try {
    for (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += WRITE_BYTES) {
        const piece = chunk.subarray(at, at + WRITE_BYTES);
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
