import { existsSync, renameSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DurableError } from './durable-error.ts';
import { flush, flushAll } from './flush.ts';
import { recover } from './leftovers.ts';
import { makeWorkspace, type Workspace } from './workspace.ts';

/** How a folder is replaced. */
export interface ReplaceOptions {
  /** Throws if what has the name now must stay: before the folder is built, and again before it gets its name. */
  readonly check?: () => Promise<void>;
}

/**
 * Builds a folder beside its place, flushes it to disk and gives it its name: whoever looks sees the older folder or
 * the new one, whole. Whatever fails, and at an exit of the process before, nothing half-built stays and an older
 * folder stays as it was. What a killed process left beside it is ended or removed first.
 *
 * @param target - missing folders above it are made.
 * @param build - fills the empty folder it is given; `scratch` is another, removed afterwards.
 * @returns what `build` returns.
 * @throws what `check` and `build` throw; DurableError naming the target if it cannot be written or get its name.
 */
export async function replaceFolder<Result>(
  target: string,
  { check }: ReplaceOptions,
  build: (folder: string, scratch: string) => Promise<Result>,
): Promise<Result> {
  const path = resolve(target);
  await recover(path);
  await check?.();
  const workspace = makeWorkspace(path);
  try {
    const result = await build(workspace.whole, workspace.scratch);
    await check?.();
    await flushAll(workspace.whole);
    moveInto(workspace, path);
    // Before the older folder is removed the new one's name must be on disk.
    await flush(dirname(path));
    return result;
  } finally {
    workspace.remove();
  }
}

/** A folder with files cannot be renamed over: two renames, one right after the other, are as near as Node comes. */
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
