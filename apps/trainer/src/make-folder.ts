import { mkdir, mkdtemp, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Makes a folder and those above it where they are missing, and sees whether something can be made in it: permissions
 * say yes to root on a read-only disk.
 *
 * @throws what the system says, with the path.
 */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  // Not recursive: on a read-only disk that would say "no such file".
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rmdir(await mkdtemp(join(folder, '.gru4rec-')));
}
