import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { checkWritable } from '@gru4rec/durable-files';

/**
 * Makes a folder and those above it where they are missing, and sees whether something can be made in it.
 *
 * @throws what the system says, with the path.
 */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  // Not recursive: on a read-only disk that would say "no such file".
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await checkWritable(folder);
}
