import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DurableError, replaceFolder } from '@gru4rec/durable-files';
import { DataError } from './data-error.ts';
import { DATASET_FORMAT, MANIFEST_FILE } from './manifest.ts';
import { readManifestText } from './open-file.ts';

/**
 * Fills a folder beside `directory`, flushes it to disk and renames it once it is complete. If anything fails, or the
 * process exits before, no incomplete folder is left and an older dataset is unchanged. Leftovers of killed processes are
 * completed or removed first.
 *
 * @param fill - writes into the empty `folder`; `scratch` is another empty folder that is removed afterwards.
 * @throws DataError if `directory` exists and is not a dataset, or is one and `overwrite` is not set, or if its parent
 *   cannot be written to.
 */
export async function replaceDataset<Result>(
  directory: string,
  options: { readonly overwrite?: boolean },
  fill: (folder: string, scratch: string) => Promise<Result>,
): Promise<Result> {
  const { overwrite = false } = options;
  try {
    return await replaceFolder(directory, { check: () => checkReplaceable(directory, overwrite) }, fill);
  } catch (error) {
    throw error instanceof DurableError ? unwritable(error) : error;
  }
}

function unwritable({ file, cause }: DurableError): unknown {
  if ((cause as NodeJS.ErrnoException).code === 'ENOSPC') return cause;
  const message = `writeDataset: "directory" expected in a writable folder, got ${dirname(file)}, at ${file}. Choose another place.`;
  return new DataError(message, { file, cause });
}

/**
 * Refuses a folder that must not be replaced. An empty folder may be replaced.
 *
 * @throws DataError if it exists and is not a dataset, or is one and `overwrite` is not set.
 */
async function checkReplaceable(directory: string, overwrite: boolean): Promise<void> {
  if (!existsSync(directory)) return;
  const isFolder = (await stat(directory)).isDirectory();
  if (isFolder && (await readdir(directory)).length === 0) return;
  if (!isFolder || !(await isDataset(directory))) {
    throw new DataError(
      `writeDataset: "directory" expected a new folder or a session dataset, got ${isFolder ? 'another folder' : 'a file'}, ` +
        `at ${directory}. Choose another name.`,
      { file: directory },
    );
  }
  if (overwrite) return;
  throw new DataError(
    `writeDataset: "directory" expected a new folder, got a session dataset, at ${directory}. ` +
      'Choose another name or overwrite it.',
    { file: directory },
  );
}

/** Whether a folder has a manifest of a dataset, of any version and even if its files are damaged. */
async function isDataset(directory: string): Promise<boolean> {
  try {
    const manifest: unknown = JSON.parse(await readManifestText(directory, MANIFEST_FILE));
    return (manifest as { format?: unknown } | null)?.format === DATASET_FORMAT;
  } catch {
    return false;
  }
}
