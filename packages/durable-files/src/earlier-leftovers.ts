import { existsSync, lstatSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { flush } from './flush.ts';

/** Age from which a half-done replacement counts as abandoned: its two renames took milliseconds. */
const INTERRUPTED_AGE_MS = 60_000;

/** Age from which any other leftover counts as abandoned: longer than any run of those releases. */
const UNUSED_AGE_MS = 7 * 24 * 60 * 60_000;

const parts: readonly string[] = ['whole', 'dataset', 'scratch', 'replaced'];

/**
 * Finishes interrupted replacements of releases that had no locks, and removes what their killed runs left beside a
 * target: `.NAME.PID@HOST.XXXXXX` and `.NAME.PID.tmp`. Without a lock, only the time since the last change shows
 * whether such a run is still alive.
 */
export async function recoverEarlier(target: string): Promise<void> {
  const [folder, prefix] = [dirname(target), `.${basename(target)}.`];
  for (const name of namesIn(folder)) {
    if (!name.startsWith(prefix)) continue;
    const [rest, path] = [name.slice(prefix.length), join(folder, name)];
    try {
      if (/^\d+@[\w.-]*\.\w{6}$/.test(rest)) await recoverFolder(path, target);
      else if (/^\d+\.tmp(\.wal)?$/.test(rest) && ageMs(path) > UNUSED_AGE_MS) rmSync(path, { force: true });
    } catch {
      // The next run tries again.
    }
  }
}

async function recoverFolder(path: string, target: string): Promise<void> {
  if (!namesIn(path).every((name) => parts.includes(name))) return;
  const whole = ['whole', 'dataset'].map((part) => join(path, part)).find((part) => existsSync(part));
  const isInterrupted = !existsSync(target) && whole !== undefined && existsSync(join(path, 'replaced'));
  if (ageMs(path) <= (isInterrupted ? INTERRUPTED_AGE_MS : UNUSED_AGE_MS)) return;
  if (isInterrupted) {
    renameSync(whole, target);
    await flush(dirname(target));
  }
  rmSync(path, { recursive: true, force: true });
}

/** Milliseconds since a file, or the list of names in a folder, last changed; 0 if it does not exist. */
function ageMs(path: string): number {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found ? Date.now() - found.mtimeMs : 0;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
