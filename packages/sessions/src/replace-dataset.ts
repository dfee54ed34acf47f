import { existsSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { DataError } from './data-error.ts';
import { DATASET_FORMAT, MANIFEST_FILE } from './manifest.ts';

/**
 * Fills a folder beside `directory` and gives it that name once it is complete; whatever fails, and at an exit of the
 * process before, nothing half-written stays behind and an older dataset stays as it was.
 *
 * @param fill - writes into the empty folder it is given; `scratch` is another, removed afterwards.
 * @throws DataError if `directory` is there and is not a dataset, or is one and `overwrite` is not set, or if its
 *   place cannot be written to.
 */
export async function replaceDataset<Result>(
  directory: string,
  { overwrite = false }: { readonly overwrite?: boolean },
  fill: (folder: string, scratch: string) => Promise<Result>,
): Promise<Result> {
  await checkReplaceable(directory, overwrite);
  const target = resolve(directory);
  const workspace = await makeWorkspace(target);
  const removeNow = () => rmSync(workspace, { recursive: true, force: true });
  process.once('exit', removeNow);
  try {
    const folder = join(workspace, 'dataset');
    const scratch = join(workspace, 'scratch');
    await mkdir(folder);
    await mkdir(scratch);
    const result = await fill(folder, scratch);
    await checkReplaceable(directory, overwrite);
    await moveInto(folder, target, join(workspace, 'replaced'));
    return result;
  } finally {
    await rm(workspace, { recursive: true, force: true });
    process.off('exit', removeNow);
  }
}

async function makeWorkspace(target: string): Promise<string> {
  try {
    await mkdir(dirname(target), { recursive: true });
    return await mkdtemp(join(dirname(target), `.${basename(target)}-`));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOSPC') throw cause;
    const message = `writeDataset: "directory" expected in a folder that can be written, got ${dirname(target)}, at ${target}. Choose another place.`;
    throw new DataError(message, { file: target, cause });
  }
}

/**
 * Refuses a folder that must not be replaced. An empty folder may be.
 *
 * @throws DataError if something is there that is not a dataset, or is one and `overwrite` is not set.
 */
export async function checkReplaceable(directory: string, overwrite: boolean): Promise<void> {
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
      'Choose another name or overwrite it (--overwrite).',
    { file: directory },
  );
}

/** Whether the manifest is one of ours, of whatever version, even if the files beside it are damaged. */
async function isDataset(directory: string): Promise<boolean> {
  try {
    const manifest: unknown = JSON.parse(await readFile(join(directory, MANIFEST_FILE), 'utf8'));
    return (manifest as { format?: unknown } | null)?.format === DATASET_FORMAT;
  } catch {
    return false;
  }
}

async function moveInto(folder: string, target: string, replaced: string): Promise<void> {
  if (!existsSync(target)) return rename(folder, target);
  await rename(target, replaced);
  try {
    await rename(folder, target);
  } catch (error) {
    await rename(replaced, target);
    throw error;
  }
}
