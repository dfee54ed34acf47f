import { existsSync, renameSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { DataError } from './data-error.ts';

/** The folders in a workspace: the dataset to be, its maker's own files, the dataset that it replaces. */
const folders: readonly string[] = ['dataset', 'scratch', 'replaced'];

const host = hostname()
  .replace(/[^\w.-]/g, '')
  .slice(0, 40);

/** Workspaces that this process has not done with: another of its number is what a killed process left behind. */
const own = new Set<string>();

/** The folder beside a dataset in which the next one is made: `.NAME.PID@HOST.XXXXXX`. */
export class Workspace {
  readonly dataset: string;
  readonly scratch: string;
  readonly replaced: string;
  readonly #path: string;
  readonly #target: string;
  readonly #removeNow = (): void => this.#remove();

  private constructor(path: string, target: string) {
    this.dataset = join(path, 'dataset');
    this.scratch = join(path, 'scratch');
    this.replaced = join(path, 'replaced');
    this.#path = path;
    this.#target = target;
    own.add(path);
    process.once('exit', this.#removeNow);
  }

  /**
   * Makes one, and the folders above that are missing; it goes when the process exits.
   *
   * @throws DataError if its place cannot be written to.
   */
  static async make(target: string): Promise<Workspace> {
    try {
      await mkdir(dirname(target), { recursive: true });
      const path = await mkdtemp(join(dirname(target), `.${basename(target)}.${process.pid}@${host}.`));
      return await new Workspace(path, target).#makeFolders();
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOSPC') throw cause;
      const message = `writeDataset: "directory" expected in a folder that can be written, got ${dirname(target)}, at ${target}. Choose another place.`;
      throw new DataError(message, { file: target, cause });
    }
  }

  async #makeFolders(): Promise<this> {
    try {
      await mkdir(this.dataset);
      await mkdir(this.scratch);
      return this;
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** Removes it and what is in it; what cannot be removed now is a leftover. */
  remove(): void {
    this.#remove();
    process.off('exit', this.#removeNow);
    own.delete(this.#path);
  }

  #remove(): void {
    // The old dataset could not get its name back: better a leftover than nothing.
    if (existsSync(this.replaced) && !existsSync(this.#target)) return;
    ignoreErrors(() => rmSync(this.#path, { recursive: true, force: true }));
  }
}

/**
 * Ends what a killed process began: if it was killed after it had moved the old dataset away and before the new one
 * had its name, the new one, which is whole and flushed, gets it.
 */
export async function finishReplacement(target: string): Promise<void> {
  for (const path of await leftovers(target)) {
    const [dataset, replaced] = [join(path, 'dataset'), join(path, 'replaced')];
    if (existsSync(target) || !existsSync(dataset) || !existsSync(replaced)) continue;
    ignoreErrors(() => renameSync(dataset, target));
  }
}

/** Removes the workspaces of killed processes. What cannot be removed stays: it is in nobody's way. */
export async function removeLeftovers(target: string): Promise<void> {
  for (const path of await leftovers(target)) {
    const names = await namesIn(path);
    if (names.every((name) => folders.includes(name))) {
      ignoreErrors(() => rmSync(path, { recursive: true, force: true }));
    }
  }
}

/** Workspaces beside a dataset whose process is gone; those of another host may be in use. */
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
