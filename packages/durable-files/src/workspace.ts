import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { OPEN_FLAGS, tryLock } from './file-lock.ts';
import { flush, makeFolder } from './flush.ts';

/** A file or folder that cannot be written. The message is one line that starts with its path. */
export class DurableError extends Error {
  override readonly name = 'DurableError';
  readonly file: string;
  /** The message without the path. */
  readonly problem: string;

  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`${file} ${problem}`, options);
    this.file = file;
    this.problem = problem;
  }
}

const LOCK_FILE = 'lock';

/** Besides the lock file. */
const parts = ['whole', 'scratch', 'replaced'] as const;

/** How the names of workspaces with a lock begin. */
const prefixOf = (target: string): string => `.${basename(target)}.work-`;

/** Another process may remove a workspace between its creation and its locking, so a second try is rare. */
const MAX_TRIES = 100;

/** The folder beside a target in which the target is made. README.md describes its life cycle. */
export interface Workspace {
  readonly whole: string;
  readonly scratch: string;
  /** Where the old target is moved to. */
  readonly replaced: string;
  /** If that fails, a later `recover` removes the workspace. */
  readonly remove: () => void;
}

/** Each removes one workspace. */
const atExit = new Set<() => void>();
const removeAll = (): void => {
  for (const remove of [...atExit]) remove();
};

/** Also creates missing folders above it. Removed when the process exits at the latest. */
export function makeWorkspace(target: string): Workspace {
  try {
    makeFolder(dirname(target));
    const { path, descriptor = undefined } = makeLocked(target) ?? {
      path: mkdtempSync(join(dirname(target), `.${basename(target)}.unlocked-`)),
    };
    return openWorkspace(path, target, descriptor);
  } catch (cause) {
    throw new DurableError(target, 'cannot be written', { cause });
  }
}

/** @returns the folder and the descriptor that holds its lock; undefined if files cannot be locked here. */
function makeLocked(target: string) {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const path = mkdtempSync(join(dirname(target), prefixOf(target)));
    const file = join(path, LOCK_FILE);
    const descriptor = createLockFile(file);
    if (descriptor === undefined) continue;
    const { state } = tryLock(file, descriptor);
    if (state === 'locked') return { path, descriptor };
    closeSync(descriptor);
    if (state !== 'unable') continue;
    removeContents(path);
    return undefined;
  }
  throw new Error(`${MAX_TRIES} folders were removed by other processes before they could be locked`);
}

/** @returns undefined if another process has removed the folder as a leftover. */
function createLockFile(file: string): number | undefined {
  try {
    return openSync(file, 'wx+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    removeContents(dirname(file));
    throw error;
  }
}

function openWorkspace(path: string, target: string, descriptor: number | undefined): Workspace {
  const [whole, scratch, replaced] = parts.map((part) => join(path, part)) as [string, string, string];
  const remove = (): void => {
    atExit.delete(remove);
    if (atExit.size === 0) process.off('exit', removeAll);
    // If the old target could not be moved back, `recover` of the next run gives the name to the new one.
    if (!isInterrupted(path, target)) removeContents(path);
    if (descriptor !== undefined) closeSync(descriptor);
  };
  if (atExit.size === 0) process.once('exit', removeAll);
  atExit.add(remove);
  try {
    mkdirSync(whole);
    mkdirSync(scratch);
    return { whole, scratch, replaced, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Between its renames: the old target is moved away, and the new one has no name yet. */
function isInterrupted(path: string, target: string): boolean {
  return !existsSync(target) && ['whole', 'replaced'].every((part) => existsSync(join(path, part)));
}

/**
 * The caller holds the lock, if there is one. The lock file goes last, so that until then other processes see that
 * the workspace is in use.
 */
function removeContents(path: string): void {
  try {
    // Retries, because a thread that is being stopped may still write there.
    for (const part of parts) rmSync(join(path, part), { recursive: true, force: true, maxRetries: 5 });
    rmSync(join(path, LOCK_FILE), { force: true });
    rmdirSync(path);
  } catch {
    // The next run tries again.
  }
}

/** The characters that `mkdtemp` appends. */
const RANDOM = /^\w{6}$/;

/**
 * Cleans up what killed processes left beside a target: finishes a replacement that was interrupted between its
 * two renames, then removes every workspace that nobody has locked. Whatever fails is left for the next call.
 */
export async function recover(target: string): Promise<void> {
  const path = resolve(target);
  for (const folder of await workspacesOf(path)) {
    const file = join(folder, LOCK_FILE);
    const descriptor = openExisting(file);
    if (descriptor === undefined) continue;
    try {
      // Else it is in use, perhaps because its lock cannot be checked.
      if (tryLock(file, descriptor).state === 'locked') await recoverWorkspace(folder, path);
    } finally {
      closeSync(descriptor);
    }
  }
}

/** @returns undefined if there is no file, after its folder is removed, or it cannot be opened. */
function openExisting(file: string): number | undefined {
  try {
    return openSync(file, OPEN_FLAGS);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') removeEmpty(dirname(file));
    return undefined;
  }
}

/** Removes a workspace that its process has not locked yet, or was killed before. A live process makes another one. */
function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // The folder is not empty, or no longer exists.
  }
}

/** The caller holds the lock. */
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

/** Links do not count. */
async function workspacesOf(target: string): Promise<string[]> {
  const prefix = prefixOf(target);
  const entries = await readdir(dirname(target), { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && entry.name.startsWith(prefix))
    .filter(({ name }) => RANDOM.test(name.slice(prefix.length)))
    .map(({ name }) => join(dirname(target), name));
}
