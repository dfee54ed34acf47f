import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DurableError } from './durable-error.ts';
import { tryLock } from './file-lock.ts';

/** The file in a workspace that the process using it keeps locked. */
export const LOCK_FILE = 'lock';

/** The folders that a workspace may hold besides its lock file. */
export const parts = ['whole', 'scratch', 'replaced'] as const;

/**
 * Prefixes of the names of a target's workspaces, to which six random characters are added: of those with a lock, and
 * of those made where files cannot be locked.
 */
export const namesOf = (target: string): { readonly locked: string; readonly unlocked: string } => {
  const name = `.${basename(target)}`;
  return { locked: `${name}.work-`, unlocked: `${name}.unlocked-` };
};

/** Another process may remove a workspace between its creation and its locking, so a second try is rare. */
const MAX_TRIES = 100;

/** The folder beside a target in which the target is made. README.md describes its life cycle. */
export interface Workspace {
  /** An empty folder to build the new target in. */
  readonly whole: string;
  /** An empty folder for temporary files. */
  readonly scratch: string;
  /** Path that the old target is moved to. */
  readonly replaced: string;
  /** Removes the workspace with its content. If that fails, a later `recover` removes it. */
  readonly remove: () => void;
}

/** Removes one workspace each, for the exit of this process. */
const atExit = new Set<() => void>();
const removeAll = (): void => {
  for (const remove of [...atExit]) remove();
};

/**
 * Creates a workspace, and the missing folders above it. It is removed when the process exits at the latest.
 *
 * @throws DurableError naming the target if nothing can be created beside it.
 */
export function makeWorkspace(target: string): Workspace {
  try {
    mkdirSync(dirname(target), { recursive: true });
    const { path, descriptor } = makeLocked(target) ?? makeUnlocked(target);
    return openWorkspace(path, target, descriptor);
  } catch (cause) {
    throw new DurableError(target, 'cannot be written', { cause });
  }
}

interface MadeFolder {
  readonly path: string;
  /** Holds the lock; none if files cannot be locked here. */
  readonly descriptor?: number;
}

/** @returns undefined if files cannot be locked here. */
function makeLocked(target: string): MadeFolder | undefined {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const path = mkdtempSync(join(dirname(target), namesOf(target).locked));
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

function makeUnlocked(target: string): MadeFolder {
  return { path: mkdtempSync(join(dirname(target), namesOf(target).unlocked)) };
}

function openWorkspace(path: string, target: string, descriptor?: number): Workspace {
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

/** Whether a replacement stopped between its renames: the old target is moved away, and the new one has no name yet. */
export function isInterrupted(path: string, target: string): boolean {
  return !existsSync(target) && ['whole', 'replaced'].every((part) => existsSync(join(path, part)));
}

/**
 * Removes a workspace whose lock the caller holds, or that has none. The lock file goes last, so that until then other
 * processes recognise the workspace and see that it is in use. Whatever cannot be removed stays.
 */
export function removeContents(path: string): void {
  try {
    // Retries, because a thread that is being stopped may still write there.
    for (const part of parts) rmSync(join(path, part), { recursive: true, force: true, maxRetries: 5 });
    rmSync(join(path, LOCK_FILE), { force: true });
    rmdirSync(path);
  } catch {
    // The next run tries again.
  }
}
