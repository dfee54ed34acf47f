import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DurableError } from './durable-error.ts';
import { tryLock } from './file-lock.ts';

/** The file in a workspace that its maker keeps locked. */
export const LOCK_FILE = 'lock';

/** What a workspace may hold beside its lock file. */
export const parts = ['whole', 'scratch', 'replaced'] as const;

/** The names of workspaces of a target, without the six random characters: locked ones, and those without a lock. */
export const namesOf = (target: string): { readonly locked: string; readonly unlocked: string } => {
  const name = `.${basename(target)}`;
  return { locked: `${name}.work-`, unlocked: `${name}.unlocked-` };
};

/** An empty folder is taken away only by someone who looks at the very moment: the second try is rare. */
const MAX_TRIES = 100;

/** The folder beside a target in which the target is made; README.md says how it comes and goes. */
export interface Workspace {
  /** An empty folder: what gets the name of the target. */
  readonly whole: string;
  /** An empty folder for what is needed on the way. */
  readonly scratch: string;
  /** Where the older target is moved to. */
  readonly replaced: string;
  /** Removes the workspace and what is in it; what cannot be removed now is a leftover. */
  readonly remove: () => void;
}

/** What the exit of this process removes. */
const atExit = new Set<() => void>();
const removeAll = (): void => {
  for (const remove of [...atExit]) remove();
};

/**
 * Makes a workspace, and the folders above it that are missing. It is removed at the exit of the process at the latest.
 *
 * @throws DurableError naming the target, if nothing can be made beside it.
 */
export function makeWorkspace(target: string): Workspace {
  try {
    mkdirSync(dirname(target), { recursive: true });
    const { path, descriptor } = makeLocked(target) ?? makeUnlocked(target);
    return fill(path, target, descriptor);
  } catch (cause) {
    throw new DurableError(target, 'cannot be written', { cause });
  }
}

interface MadeFolder {
  readonly path: string;
  /** Of the locked file. */
  readonly descriptor?: number;
}

/** @returns nothing if files cannot be locked here. */
function makeLocked(target: string): MadeFolder | undefined {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const path = mkdtempSync(join(dirname(target), namesOf(target).locked));
    const file = join(path, LOCK_FILE);
    const descriptor = openNew(file);
    if (descriptor === undefined) continue;
    const { state } = tryLock(file, descriptor);
    if (state === 'locked') return { path, descriptor };
    closeSync(descriptor);
    if (state !== 'unable') continue;
    removeContents(path);
    return undefined;
  }
  throw new Error(`${MAX_TRIES} folders were removed by others before they could be locked`);
}

/** @returns nothing if the folder was removed by someone who took it for a leftover. */
function openNew(file: string): number | undefined {
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

function fill(path: string, target: string, descriptor?: number): Workspace {
  const [whole, scratch, replaced] = parts.map((part) => join(path, part)) as [string, string, string];
  const remove = (): void => {
    atExit.delete(remove);
    if (atExit.size === 0) process.off('exit', removeAll);
    // If the older target could not get its name back, the next run puts the new one there: it is whole.
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

/** Whether a replacement was begun and not ended: the older target has been moved away, the new one has no name yet. */
export function isInterrupted(path: string, target: string): boolean {
  return !existsSync(target) && ['whole', 'replaced'].every((part) => existsSync(join(path, part)));
}

/**
 * Removes a workspace whose lock the caller has, if it needs one. The lock file comes last: until then whoever looks
 * sees that this is a workspace, and whether someone removes it. What cannot be removed stays.
 */
export function removeContents(path: string): void {
  try {
    // Again where a thread that is just being stopped still writes there.
    for (const part of parts) rmSync(join(path, part), { recursive: true, force: true, maxRetries: 5 });
    rmSync(join(path, LOCK_FILE), { force: true });
    rmdirSync(path);
  } catch {
    // The next run tries again.
  }
}
