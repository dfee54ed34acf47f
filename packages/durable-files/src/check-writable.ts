import { mkdtempSync, rmdirSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

const PREFIX = '.gru4rec-';

/**
 * Makes sure that something can be made in a folder, or in the nearest one above it that is there. Only making
 * something shows it: permissions say yes to root on a read-only disk. What a killed process left of such a test goes.
 *
 * @throws what the system says.
 */
export async function checkWritable(directory: string): Promise<void> {
  const folder = resolve(directory);
  const found = await stat(folder).catch(() => undefined);
  if (!found && dirname(folder) !== folder) return checkWritable(dirname(folder));
  await removeTests(folder);
  const made = mkdtempSync(join(folder, PREFIX));
  try {
    rmdirSync(made);
  } catch (error) {
    // Another process took it for a leftover: it could be made.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Removes empty folders only, and no one needs one that was made. */
async function removeTests(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(PREFIX) || !/^\w{6}$/.test(name.slice(PREFIX.length))) continue;
    try {
      rmdirSync(join(folder, name));
    } catch {
      // It holds something, or is gone.
    }
  }
}
