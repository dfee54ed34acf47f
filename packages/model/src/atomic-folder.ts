import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ModelError } from './model-error.ts';

/**
 * Writes a folder of files under a temporary name beside it, flushes them to disk, then renames: whoever looks
 * sees the old folder or the new one, whole.
 *
 * @param manifest - name of the file that marks such a folder; an existing folder without it is left alone.
 * @throws ModelError if the folder holds something else or cannot be written; nothing stays half-written.
 */
export async function writeFolder(
  directory: string,
  contents: Readonly<Record<string, Uint8Array>>,
  manifest: string,
): Promise<void> {
  const target = resolve(directory);
  await checkReplaceable(target, manifest);
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  const replaced = `${temporary}.old`;
  try {
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true });
    for (const [name, bytes] of Object.entries(contents)) await writeFlushed(join(temporary, name), bytes);
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

async function writeFlushed(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'w');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
