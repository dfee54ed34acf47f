import { lstat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { recover } from '@gru4rec/durable-files';
import { checkPlace } from './check-output-folder.ts';

/**
 * Makes sure that a file can be written. What a killed run left beside it is removed first.
 *
 * @throws Error if a file is there that may not be replaced, or something that is no file, or if its place cannot be
 *   written to.
 */
export async function checkOutputFile(file: string, overwrite: boolean): Promise<void> {
  await recover(file);
  const found = await lstat(file).catch(() => undefined);
  if (found && !found.isFile()) {
    throw new Error(`The output ${file} is ${found.isDirectory() ? 'a folder' : 'no file'}. Name a file`);
  }
  if (found && !overwrite) {
    throw new Error(`The output ${file} is there already. Name another file, or add --overwrite`);
  }
  await checkPlace(dirname(file));
}
