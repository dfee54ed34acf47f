import { existsSync, renameSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';

const host = hostname()
  .replace(/[^\w.-]/g, '')
  .slice(0, 40);

/** Workspaces that this process has not done with: another of its number is what a killed process left behind. */
const own = new Set<string>();

/** The folder beside another in which that is written: `.NAME.PID@HOST.XXXXXX` with `whole` and `replaced`. */
export interface Workspace {
  /** Filled, then moved to where it belongs. */
  readonly whole: string;
  /** Where the older folder is moved to. */
  readonly replaced: string;
  /** Removes the workspace and what is in it; what cannot be removed now is a leftover. */
  readonly remove: () => void;
}

/** Makes a workspace, and the folders above that are missing. */
export async function makeWorkspace(target: string): Promise<Workspace> {
  await mkdir(dirname(target), { recursive: true });
  const path = await mkdtemp(join(dirname(target), `.${basename(target)}.${process.pid}@${host}.`));
  own.add(path);
  const [whole, replaced] = [join(path, 'whole'), join(path, 'replaced')];
  const remove = (): void => {
    own.delete(path);
    // The older folder could not get its name back: better a leftover than nothing.
    if (existsSync(replaced) && !existsSync(target)) return;
    ignoreErrors(() => rmSync(path, { recursive: true, force: true }));
  };
  await mkdir(whole).catch((error) => {
    remove();
    throw error;
  });
  return { whole, replaced, remove };
}

/**
 * Ends what a killed process began: if it was killed after it had moved the older folder away and before the new one
 * had its name, the new one, which is whole and flushed, gets it.
 */
export async function finishReplacement(target: string): Promise<void> {
  for (const path of await leftovers(target)) {
    const [whole, replaced] = [join(path, 'whole'), join(path, 'replaced')];
    if (existsSync(target) || !existsSync(whole) || !existsSync(replaced)) continue;
    ignoreErrors(() => renameSync(whole, target));
  }
}

/** Removes the workspaces of killed processes. What cannot be removed stays: it is in nobody's way. */
export async function removeLeftovers(target: string): Promise<void> {
  for (const path of await leftovers(target)) {
    const names = await namesIn(path);
    const isOurs = names.every((name) => name === 'whole' || name === 'replaced');
    if (isOurs) ignoreErrors(() => rmSync(path, { recursive: true, force: true }));
  }
}

/** Workspaces beside a folder whose process is gone; those of another host may be in use. */
async function leftovers(target: string): Promise<string[]> {
  const prefix = `.${basename(target)}.`;
  const names = await namesIn(dirname(target));
  return names
    .filter((name) => name.startsWith(prefix) && isLeftBehind(name.slice(prefix.length)))
    .map((name) => join(dirname(target), name))
    .filter((path) => !own.has(path));
}

/** @param name - `PID@HOST.XXXXXX`. */
function isLeftBehind(name: string): boolean {
  const [, pid, maker] = /^(\d+)@([\w.-]*)\.\w{6}$/.exec(name) ?? [];
  return maker === host && (Number(pid) === process.pid || isGone(Number(pid)));
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function ignoreErrors(work: () => void): void {
  try {
    work();
  } catch {
    // It is tried again next time.
  }
}
