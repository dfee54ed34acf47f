import { existsSync, renameSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DurableError } from './durable-error.ts';
import { flush, flushAll } from './flush.ts';
import { recover } from './leftovers.ts';
import { makeWorkspace, type Workspace } from './workspace.ts';

/** Options of `replaceFolder`. */
export interface ReplaceOptions {
  /** Throws if the existing target must stay. Called before the folder is built and again before it is renamed. */
  readonly check?: () => Promise<void>;
}

/**
 * Replaces a folder atomically: builds the new one beside it, flushes it to disk and renames it. Readers see the old
 * folder or the complete new one, except for the moment between the two renames when the target does not exist. If
 * anything fails or the process exits, the old folder stays unchanged and nothing half-built remains. Leftovers of
 * killed processes are cleaned up first.
 *
 * @param target - need not exist. Missing folders above it are created.
 * @param build - fills `folder`, which is empty. `scratch` is another empty folder, removed afterwards.
 * @returns what `build` returns.
 * @throws what `check` and `build` throw; DurableError naming the target if it cannot be written or replaced.
 */
export async function replaceFolder<Result>(
  target: string,
  options: ReplaceOptions,
  build: (folder: string, scratch: string) => Promise<Result>,
): Promise<Result> {
  const { check } = options;
  const path = resolve(target);
  await recover(path);
  await check?.();
  const workspace = makeWorkspace(path);
  try {
    const result = await build(workspace.whole, workspace.scratch);
    await check?.();
    await flushAll(workspace.whole);
    moveInto(workspace, path);
    // The new folder's name must be on disk before the old folder is removed.
    await flush(dirname(path));
    return result;
  } finally {
    workspace.remove();
  }
}

/** Gives the new folder its name. `rename` cannot overwrite a folder with files, so an old one is moved away first. */
function moveInto({ whole, replaced }: Workspace, target: string): void {
  try {
    renameSync(whole, target);
    return;
  } catch (cause) {
    if (!existsSync(target)) throw new DurableError(target, 'cannot be written', { cause });
  }
  try {
    renameSync(target, replaced);
  } catch (cause) {
    throw new DurableError(target, 'cannot be replaced', { cause });
  }
  try {
    renameSync(whole, target);
  } catch (cause) {
    renameSync(replaced, target);
    throw new DurableError(target, 'cannot be written', { cause });
  }
}
