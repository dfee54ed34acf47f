import { mkdtempSync, rmdirSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

const PREFIX = '.gru4rec-';

/**
 * Checks that a folder, or its nearest existing ancestor, is writable, by creating an empty folder in it:
 * permissions grant root everything on a read-only disk. Removes what killed processes left from this check.
 * @throws the system's error if nothing can be created there.
 */
export async function checkWritable(directory: string): Promise<void> {
  const folder = resolve(directory);
  const found = await stat(folder).catch(() => undefined);
  if (!found && dirname(folder) !== folder) return checkWritable(dirname(folder));
  await removeProbes(folder);
  const probe = mkdtempSync(join(folder, PREFIX));
  try {
    rmdirSync(probe);
  } catch (error) {
    // Another process removed it as a leftover, so it was created.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** A running check does not miss its own. */
async function removeProbes(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(PREFIX) || !/^\w{6}$/.test(name.slice(PREFIX.length))) continue;
    try {
      rmdirSync(join(folder, name));
    } catch {
      // The folder is not empty, or no longer exists.
    }
  }
}
