import {
  closeSync,
  constants,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { tryLock } from './file-lock.ts';

/** Content of a lock file, for the error of a second run. */
interface Holder {
  readonly pid: number;
  readonly command: string;
  /** ISO 8601, UTC. */
  readonly since: string;
}

// Links are not followed, because the lock file is truncated.
const OPEN_FLAGS = constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);

/**
 * Keeps other runs from writing the same output, by locking a file `.NAME.lock` beside it.
 *
 * The system releases the lock when the process ends, however it ends. The file is removed on release and on exit; a
 * file that a killed run left is not locked and does no harm.
 *
 * @param directory - the output folder, which need not exist. Missing folders above it are created.
 * @param command - name of the run for the error of a second one, such as `train`.
 * @param onUnable - called with the reason if files cannot be locked there. The run then continues without a lock.
 * @returns a function that releases the lock.
 * @throws Error naming the process that holds the lock, or saying why the lock file cannot be created.
 */
export function lockOutput(
  directory: string,
  command: string,
  onUnable: (cause: unknown) => void = () => {},
): () => void {
  const output = resolve(directory);
  const file = join(dirname(output), `.${basename(output)}.lock`);
  const descriptor = acquireLock(file, output, onUnable);
  describeHolder(descriptor, { pid: process.pid, command, since: new Date().toISOString() });
  const release = (): void => {
    process.off('exit', release);
    // Removed while it is locked: once it is unlocked, a file of this name may belong to another run.
    rmSync(file, { force: true });
    closeSync(descriptor);
  };
  process.once('exit', release);
  return release;
}

/** @returns the descriptor of the lock file, locked unless the file system cannot lock files. */
function acquireLock(file: string, output: string, onUnable: (cause: unknown) => void): number {
  for (;;) {
    const descriptor = openLockFile(file, output);
    const attempt = tryLock(file, descriptor);
    if (attempt.state === 'locked') return descriptor;
    if (attempt.state === 'unable') {
      onUnable(attempt.cause);
      return descriptor;
    }
    closeSync(descriptor);
    if (attempt.state === 'held') {
      const holder = holderOf(file);
      throw new Error(
        `The output ${output} is being written by ${holder}. Wait for it to finish, or name another output`,
      );
    }
  }
}

function openLockFile(file: string, output: string): number {
  try {
    mkdirSync(dirname(file), { recursive: true });
    return openSync(file, OPEN_FLAGS, 0o644);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'EACCES' || code === 'EPERM' ? `: no permission to write in ${dirname(file)}` : '';
    throw new Error(`The output ${output} cannot be locked${why}`, { cause });
  }
}

function describeHolder(descriptor: number, holder: Holder): void {
  try {
    ftruncateSync(descriptor);
    writeSync(descriptor, `${JSON.stringify(holder)}\n`, 0);
  } catch {
    // The lock works without the text. If the disk is full, the run itself reports it.
  }
}

function holderOf(file: string): string {
  try {
    const { pid, command, since } = JSON.parse(readFileSync(file, 'utf8')) as Holder;
    return `process ${pid} (${command}, since ${since})`;
  } catch {
    return 'another process';
  }
}
