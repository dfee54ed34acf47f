import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';

/** What the lock file of a run says, for the message to a second one. */
interface Holder {
  readonly pid: number;
  readonly command: string;
  /** ISO 8601, UTC. */
  readonly since: string;
}

/** What is used of fs-native-extensions. */
interface FileLocks {
  /** False if another open file has the lock, in this process or in another. It goes when `descriptor` is closed. */
  tryLock(descriptor: number): boolean;
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
 * @returns what gives the lock back.
 * @throws Error naming the process that has it, or why there can be no lock.
 */
export function lockOutput(directory: string, command: string): () => void {
  const output = resolve(directory);
  const file = join(dirname(output), `.${basename(output)}.lock`);
  const descriptor = takeLock(file, output);
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

/** @returns the descriptor of the locked file, which is still the one of this name. */
function takeLock(file: string, output: string): number {
  for (;;) {
    const descriptor = openLocked(file, output);
    if (statSync(file, { throwIfNoEntry: false })?.ino === fstatSync(descriptor).ino) return descriptor;
    // Its last holder removed it after it was opened here.
    closeSync(descriptor);
  }
}

function openLocked(file: string, output: string): number {
  let descriptor: number | undefined;
  try {
    mkdirSync(dirname(file), { recursive: true });
    descriptor = openSync(file, OPEN_FLAGS, 0o644);
    if (fileLocks().tryLock(descriptor)) return descriptor;
  } catch (cause) {
    if (descriptor !== undefined) closeSync(descriptor);
    throw new Error(`The output ${output} cannot be locked`, { cause });
  }
  closeSync(descriptor);
  throw new Error(`The output ${output} is being written by ${holderOf(file)}. Wait for it, or name another`);
}

/** Loaded when it is needed: where there is no build of it, other commands work. */
function fileLocks(): FileLocks {
  const require = createRequire(import.meta.url);
  return require('fs-native-extensions') as FileLocks;
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
