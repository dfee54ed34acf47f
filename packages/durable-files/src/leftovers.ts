import { closeSync, constants, openSync, readdirSync, renameSync, rmdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { tryLock } from './file-lock.ts';
import { flush } from './flush.ts';
import { isInterrupted, LOCK_FILE, namesOf, parts, removeContents } from './workspace.ts';

/** The characters that `mkdtemp` appends. */
const RANDOM = /^\w{6}$/;

/** A workspace that `recover` keeps because it may be in use. */
export interface KeptWorkspace {
  readonly path: string;
  /** Why its lock cannot be checked. */
  readonly cause: unknown;
}

/**
 * Cleans up the workspaces that killed processes left beside a target.
 *
 * A replacement that was interrupted between its two renames is finished: the new target is complete and flushed, and
 * gets its name. Then every workspace that nobody has locked is removed. Whatever fails is left for the next call.
 */
export async function recover(target: string): Promise<void> {
  const path = resolve(target);
  for (const folder of await workspacesOf(path)) {
    const found = inspect(folder);
    if (found.state === 'empty') removeEmpty(folder);
    if (found.state !== 'abandoned') continue;
    try {
      await recoverWorkspace(folder, path);
    } finally {
      closeSync(found.descriptor);
    }
  }
}

/**
 * The workspaces beside a target that may be in use, because files cannot be locked there or the lock file cannot be
 * opened. `recover` keeps them.
 */
export async function keptWorkspaces(target: string): Promise<readonly KeptWorkspace[]> {
  const path = resolve(target);
  const { unlocked } = namesOf(path);
  const kept: KeptWorkspace[] = [];
  for (const name of await namesIn(dirname(path))) {
    if (!name.startsWith(unlocked) || !RANDOM.test(name.slice(unlocked.length))) continue;
    kept.push({
      path: join(dirname(path), name),
      cause: new Error('the run that made it could not lock files'),
    });
  }
  for (const folder of await workspacesOf(path)) {
    const found = inspect(folder);
    if (found.state === 'abandoned') closeSync(found.descriptor);
    if (found.state === 'unknown') kept.push({ path: folder, cause: found.cause });
  }
  return kept;
}

type WorkspaceState =
  | { readonly state: 'in use' }
  /** It has no lock file. */
  | { readonly state: 'empty' }
  | { readonly state: 'unknown'; readonly cause: unknown }
  /** Nobody had locked it. The caller now holds the lock, until it closes the descriptor. */
  | { readonly state: 'abandoned'; readonly descriptor: number };

function inspect(folder: string): WorkspaceState {
  const file = join(folder, LOCK_FILE);
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    return isMissing ? { state: 'empty' } : { state: 'unknown', cause };
  }
  const attempt = tryLock(file, descriptor);
  if (attempt.state === 'locked') return { state: 'abandoned', descriptor };
  closeSync(descriptor);
  return attempt.state === 'unable' ? { state: 'unknown', cause: attempt.cause } : { state: 'in use' };
}

/** Removes a workspace that its process has not locked yet, or was killed before. A live process makes another one. */
function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // The folder is not empty, or no longer exists.
  }
}

/** Finishes the replacement of a workspace whose lock the caller holds, and removes it. */
async function recoverWorkspace(folder: string, target: string): Promise<void> {
  const known: readonly string[] = [LOCK_FILE, ...parts];
  if (!readdirSync(folder).every((name) => known.includes(name))) return;
  if (isInterrupted(folder, target)) {
    try {
      renameSync(join(folder, 'whole'), target);
      // The new target's name must be on disk before the old target is removed.
      await flush(dirname(target));
    } catch {
      return;
    }
  }
  removeContents(folder);
}

/** The folders beside a target that have a workspace's name. Links do not count. */
async function workspacesOf(target: string): Promise<string[]> {
  const { locked } = namesOf(target);
  const entries = await readdir(dirname(target), { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && entry.name.startsWith(locked))
    .filter(({ name }) => RANDOM.test(name.slice(locked.length)))
    .map(({ name }) => join(dirname(target), name));
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
