import { renameSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { syncFolder, writeFlushed } from './atomic-folder.ts';
import { ModelError } from './model-error.ts';
import { makeWorkspace, removeLeftovers, type Workspace } from './workspace.ts';

/**
 * Writes files in a workspace beside them, flushes them to disk, then renames them in the order given, one right after
 * the other: whoever looks sees an older file or the new one, whole. What a killed process left beside the last one is
 * removed first.
 *
 * @param contents - by path, all of one folder, which is made if it is missing; in pieces that are made as they are
 *   written. Files that are there are replaced.
 * @throws ModelError naming the file that cannot be written; nothing half-written is left, and what fails before the
 *   first rename leaves all older files as they were.
 */
export async function writeFiles(contents: Readonly<Record<string, Iterable<Uint8Array>>>): Promise<void> {
  const files = Object.keys(contents);
  const target = files.at(-1);
  if (target === undefined) return;
  let current = target;
  let workspace: Workspace | undefined;
  try {
    await removeLeftovers(resolve(target));
    workspace = await makeWorkspace(resolve(target));
    const { whole } = workspace;
    for (const [file, chunks] of Object.entries(contents)) {
      current = file;
      await writeFlushed(join(whole, basename(file)), chunks);
    }
    for (const file of files) {
      current = file;
      renameSync(join(whole, basename(file)), file);
    }
    await syncFolder(dirname(target));
  } catch (cause) {
    throw new ModelError(current, 'cannot be written', { cause });
  } finally {
    workspace?.remove();
  }
}
