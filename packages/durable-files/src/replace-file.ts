import { linkSync, renameSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DurableError } from './durable-error.ts';
import { flush, writeFlushed } from './flush.ts';
import { recover } from './leftovers.ts';
import { makeWorkspace } from './workspace.ts';

/**
 * Writes a file beside its place, flushes it to disk and gives it its name: whoever looks sees the older file or the
 * new one, whole. What a killed process left beside it is removed first.
 *
 * @param file - replaced if it is there; missing folders above it are made.
 * @param chunks - its content, in pieces that are made as they are written.
 * @throws DurableError naming the file if it cannot be written; an older one stays as it was.
 */
export async function replaceFile(file: string, chunks: Iterable<Uint8Array>): Promise<void> {
  await place(file, renameSync, async (path) => {
    await writeFlushed(path, chunks);
  }).catch((cause) => {
    throw cause instanceof DurableError ? cause : new DurableError(file, 'cannot be written', { cause });
  });
}

/**
 * Makes a file that must not be there yet beside its place, and gives it its name once it is whole.
 *
 * @param make - writes the file of the name it is given, which is not the final one; its folder is removed afterwards.
 * @returns whether it got its name: false if another process was faster, whose file stays.
 * @throws what `make` throws; DurableError if nothing can be made beside it; what the system says of the link.
 */
export async function createFile(file: string, make: (path: string) => Promise<void>): Promise<boolean> {
  try {
    await place(file, linkSync, make);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function place(
  file: string,
  giveName: (from: string, to: string) => void,
  make: (path: string) => Promise<void>,
): Promise<void> {
  const target = resolve(file);
  await recover(target);
  const workspace = makeWorkspace(target);
  try {
    const made = join(workspace.whole, basename(target));
    await make(made);
    await flush(made);
    giveName(made, target);
    await flush(dirname(target));
  } finally {
    workspace.remove();
  }
}
