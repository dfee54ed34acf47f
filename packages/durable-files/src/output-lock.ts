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

/** What the lock file of a run says, for the message to a second one. */
interface Holder {
  readonly pid: number;
  readonly command: string;
  /** ISO 8601, UTC. */
  readonly since: string;
}

// A link is not followed: the file is emptied.
const OPEN_FLAGS = constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);

/**
 * Keeps other runs from writing the same output: a file `.NAME.lock` beside it that the system locks for this process
 * and unlocks when the process ends, however it ends, so that no lock outlives its run. The file goes at the release
 * and at the exit; what a killed run left of it does no harm.
 *
 * @param directory - the folder of the output, there or not; missing folders above it are made.
 * @param command - what the run is, for the message to a second one, such as `train`.
 * @param onUnable - called with the reason if files cannot be locked there: nothing then keeps others out.
 * @returns what gives the lock back.
 * @throws Error naming the process that has it, or why there can be no lock file.
 */
export function lockOutput(
  directory: string,
  command: string,
  onUnable: (cause: unknown) => void = () => {},
): () => void {
  const output = resolve(directory);
  const file = join(dirname(output), `.${basename(output)}.lock`);
  const descriptor = takeLock(file, output, onUnable);
  describeHolder(descriptor, { pid: process.pid, command, since: new Date().toISOString() });
  const release = (): void => {
    process.off('exit', release);
    // Removed before it is unlocked: afterwards the file of this name may be another run's.
    rmSync(file, { force: true });
    closeSync(descriptor);
  };
  process.once('exit', release);
  return release;
}

/** @returns the descriptor of the file, which is locked where files can be. */
function takeLock(file: string, output: string, onUnable: (cause: unknown) => void): number {
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
      throw new Error(`The output ${output} is being written by ${holder}. Wait for it, or name another`);
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
    // The lock holds without a text; of a full disk the run itself will tell.
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
