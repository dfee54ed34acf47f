import { existsSync, renameSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { DataError } from './data-error.ts';
import { DATASET_FORMAT, MANIFEST_FILE } from './manifest.ts';
import { readManifestText } from './open-file.ts';
import { syncFiles, syncFolder } from './sync-folder.ts';
import { finishReplacement, removeLeftovers, Workspace } from './workspace.ts';

/**
 * Fills a folder beside `directory`, flushes it to disk and gives it that name once it is complete; whatever fails,
 * and at an exit of the process before, nothing half-written stays behind and an older dataset stays as it was. What
 * a killed process left beside it is finished or removed first.
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
  const target = resolve(directory);
  await finishReplacement(target);
  await removeLeftovers(target);
  await checkReplaceable(directory, overwrite);
  const workspace = await Workspace.make(target);
  try {
    const result = await fill(workspace.dataset, workspace.scratch);
    await checkReplaceable(directory, overwrite);
    await syncFiles(workspace.dataset);
    moveInto(workspace.dataset, target, workspace.replaced);
    // Before the old dataset is removed the new one's name must be on disk.
    await syncFolder(dirname(target));
    return result;
  } finally {
    workspace.remove();
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
    const manifest: unknown = JSON.parse(await readManifestText(directory, MANIFEST_FILE));
    return (manifest as { format?: unknown } | null)?.format === DATASET_FORMAT;
  } catch {
    return false;
  }
}

/** A folder with files cannot be renamed over: two renames, one right after the other, are as near as Node comes. */
function moveInto(folder: string, target: string, replaced: string): void {
  try {
    renameSync(folder, target);
    return;
  } catch (error) {
    if (!existsSync(target)) throw error;
  }
  renameSync(target, replaced);
  try {
    renameSync(folder, target);
  } catch (error) {
    renameSync(replaced, target);
    throw error;
  }
}
