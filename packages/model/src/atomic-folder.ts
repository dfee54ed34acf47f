import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ModelError } from './model-error.ts';

/**
 * Writes a folder of files under a temporary name beside it, flushes them to disk, then renames: whoever looks
 * sees the old folder or the new one, whole.
 *
 * @param contents - the files, each in pieces that are made as they are written.
 * @param manifest - the file that marks such a folder, made last, from the sha256 of the others; an existing folder
 *   without a file of that name is left alone.
 * @throws ModelError if the folder holds something else or cannot be written; nothing stays half-written.
 */
export async function writeFolder(
  directory: string,
  contents: Readonly<Record<string, Iterable<Uint8Array>>>,
  manifest: {
    readonly name: string;
    readonly make: (checksums: Readonly<Record<string, string>>) => Uint8Array;
  },
): Promise<void> {
  const target = resolve(directory);
  await checkReplaceable(target, manifest.name);
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  const replaced = `${temporary}.old`;
  try {
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true });
    const checksums: Record<string, string> = {};
    for (const [name, chunks] of Object.entries(contents)) {
      checksums[name] = await writeFlushed(join(temporary, name), chunks);
    }
    await writeFlushed(join(temporary, manifest.name), [manifest.make(checksums)]);
    const exists = await rename(target, replaced).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return false;
        throw error;
      },
    );
    await rename(temporary, target).catch(async (error) => {
      if (exists) await rename(replaced, target);
      throw error;
    });
    if (exists) await rm(replaced, { recursive: true, force: true });
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true });
    throw new ModelError(target, 'cannot be written', { cause });
  }
}

/** @throws ModelError if the folder exists and is neither empty nor one that `writeFolder` wrote. */
async function checkReplaceable(directory: string, manifest: string): Promise<void> {
  const entries = await readdir(directory).catch((cause: NodeJS.ErrnoException): string[] => {
    if (cause.code === 'ENOENT') return [];
    throw new ModelError(directory, 'is not a folder that can be written', { cause });
  });
  if (entries.length > 0 && !entries.includes(manifest)) {
    throw new ModelError(directory, `holds other files and no ${manifest}. Name a new folder`);
  }
}

/** Bytes handed over at once: what is shared between threads is copied on the way. */
const WRITTEN_AT_ONCE = 1 << 22;

/** @returns the sha256 of what was written, in hexadecimal. */
async function writeFlushed(file: string, chunks: Iterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  const handle = await open(file, 'w');
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
