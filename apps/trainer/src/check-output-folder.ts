import { mkdtemp, readdir, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Makes sure, before hours of work, that a model can be written at the end.
 *
 * @throws Error if the folder holds anything but a model, or a model that may not be replaced, or if its place
 *   cannot be written to.
 */
export async function checkOutputFolder(directory: string, overwrite: boolean): Promise<void> {
  const entries = await readdir(directory).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw new Error(`The output ${directory} is not a folder that can be written`, { cause });
  });
  if (entries.length > 0) checkReplaceable(directory, entries, overwrite);
  await checkWritable(dirname(directory));
}

function checkReplaceable(directory: string, entries: readonly string[], overwrite: boolean): void {
  if (!entries.includes('model.json')) {
    throw new Error(`The output ${directory} holds other files and no model. Name a new folder`);
  }
  if (overwrite) return;
  throw new Error(`The output ${directory} holds a model already. Name another folder, or add --overwrite`);
}

/** Checks the nearest folder above that exists: the missing ones will be made in it. */
async function checkWritable(directory: string): Promise<void> {
  const found = await stat(directory).catch(() => undefined);
  if (!found && dirname(directory) !== directory) return checkWritable(dirname(directory));
  try {
    // Only making something shows that it can be made: permissions say yes to root on a read-only disk.
    await rmdir(await mkdtemp(join(directory, '.gru4rec-')));
  } catch (cause) {
    throw new Error(`Nothing can be written in ${directory}`, { cause });
  }
}
