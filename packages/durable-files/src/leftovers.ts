import { closeSync, constants, openSync, readdirSync, renameSync, rmdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { recoverEarlier } from './earlier-leftovers.ts';
import { tryLock } from './file-lock.ts';
import { flush } from './flush.ts';
import { isInterrupted, LOCK_FILE, namesOf, parts, removeContents } from './workspace.ts';

/** Characters that `mkdtemp` adds. */
const RANDOM = /^\w{6}$/;

/** A workspace that nobody can say of whether it is in use. */
export interface KeptWorkspace {
  readonly path: string;
  readonly cause: unknown;
}

/**
 * Looks at the workspaces beside a target. A replacement that a killed process began is ended: if the older target has
 * been moved away and the new one, which is whole and flushed, has no name yet, it gets it. Then what nobody has
 * locked is removed. What cannot be ended or removed stays, and the next call tries again.
 */
export async function recover(target: string): Promise<void> {
  const path = resolve(target);
  for (const folder of await workspacesOf(path)) {
    const found = judge(folder);
    if (found.state === 'empty') removeEmpty(folder);
    if (found.state !== 'left') continue;
    try {
      await recoverOne(folder, path);
    } finally {
      closeSync(found.descriptor);
    }
  }
  await recoverEarlier(path);
}

/**
 * The workspaces beside a target of which nobody can say whether they are in use, because files cannot be locked
 * there or the lock file cannot be opened: `recover` leaves them.
 */
export async function keptWorkspaces(target: string): Promise<readonly KeptWorkspace[]> {
  const path = resolve(target);
  const { unlocked } = namesOf(path);
  const kept: KeptWorkspace[] = [];
  for (const name of await namesIn(dirname(path))) {
    if (!name.startsWith(unlocked) || !RANDOM.test(name.slice(unlocked.length))) continue;
    kept.push({ path: join(dirname(path), name), cause: new Error('its maker could not lock files') });
  }
  for (const folder of await workspacesOf(path)) {
    const found = judge(folder);
    if (found.state === 'left') closeSync(found.descriptor);
    if (found.state === 'unknown') kept.push({ path: folder, cause: found.cause });
  }
  return kept;
}

type Judgement =
  | { readonly state: 'in use' | 'empty' }
  | { readonly state: 'unknown'; readonly cause: unknown }
  /** Nobody has it; the caller has its lock now, until it closes the descriptor. */
  | { readonly state: 'left'; readonly descriptor: number };

function judge(folder: string): Judgement {
  const file = join(folder, LOCK_FILE);
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    return isMissing ? { state: 'empty' } : { state: 'unknown', cause };
  }
  const attempt = tryLock(file, descriptor);
  if (attempt.state === 'locked') return { state: 'left', descriptor };
  closeSync(descriptor);
  return attempt.state === 'unable' ? { state: 'unknown', cause: attempt.cause } : { state: 'in use' };
}

/** Its maker has not locked it yet or was killed before: one that finds its folder gone makes another. */
function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It is not empty, or gone.
  }
}

async function recoverOne(folder: string, target: string): Promise<void> {
  const known: readonly string[] = [LOCK_FILE, ...parts];
  if (!readdirSync(folder).every((name) => known.includes(name))) return;
  if (isInterrupted(folder, target)) {
    try {
      renameSync(join(folder, 'whole'), target);
      // Before the older target is removed the new one's name must be on disk.
      await flush(dirname(target));
    } catch {
      return;
    }
  }
  removeContents(folder);
}

/** The folders beside a target that are named as its workspaces; links are none. */
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
