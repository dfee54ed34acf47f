import { linkSync, renameSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DurableError } from './durable-error.ts';
import { flush, writeFlushed } from './flush.ts';
import { recover } from './leftovers.ts';
import { makeWorkspace } from './workspace.ts';

/**
 * Replaces a file atomically: writes the new one beside it, flushes it to disk and renames it. Readers see the old file
 * or the complete new one. Leftovers of killed processes are cleaned up first.
 *
 * @param file - need not exist. Missing folders above it are created.
 * @param chunks - its content, consumed as it is written.
 * @throws DurableError naming the file if it cannot be written. An existing file then stays unchanged.
 */
export async function replaceFile(file: string, chunks: Iterable<Uint8Array>): Promise<void> {
  await makeFile(file, async (path) => {
    await writeFlushed(path, chunks);
  });
}

/**
 * Replaces a file atomically, as `replaceFile` does, with one that a program writes by itself.
 *
 * @param make - writes the file at the given path, a temporary one in a folder that is removed afterwards.
 * @throws DurableError naming the file if it cannot be written. An existing file then stays unchanged.
 */
export async function makeFile(file: string, make: (path: string) => Promise<void>): Promise<void> {
  await writeBeside(file, renameSync, make).catch((cause) => {
    throw cause instanceof DurableError ? cause : new DurableError(file, 'cannot be written', { cause });
  });
}

/**
 * Creates a new file atomically: under its name it appears only once it is complete.
 *
 * @param make - writes the file at the given path, a temporary one in a folder that is removed afterwards.
 * @returns false if the file exists, for instance because another process was faster. It then stays unchanged.
 * @throws what `make` throws; DurableError if nothing can be created beside the file; the system's error if the file
 *   cannot be linked to its name.
 */
export async function createFile(file: string, make: (path: string) => Promise<void>): Promise<boolean> {
  try {
    await writeBeside(file, linkSync, make);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Makes a file in a workspace beside its final path, flushes it and publishes it there. */
async function writeBeside(
  file: string,
  publish: (from: string, to: string) => void,
  make: (path: string) => Promise<void>,
): Promise<void> {
  const target = resolve(file);
  await recover(target);
  const workspace = makeWorkspace(target);
  try {
    const made = join(workspace.whole, basename(target));
    await make(made);
    await flush(made);
    publish(made, target);
    await flush(dirname(target));
  } finally {
    workspace.remove();
  }
}
