import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { makeFolder } from './flush.ts';

/** Links are not followed, because a lock file is truncated. */
export const OPEN_FLAGS: number = constants.O_RDWR | (constants.O_NOFOLLOW ?? 0);

interface NativeLocks {
  /** Until `descriptor` is closed. @returns false if another descriptor of this or another process holds the lock. */
  tryLock(descriptor: number): boolean;
}

/**
 * This descriptor holds the lock (`locked`), another one does (`held`), the file was removed after it was opened
 * (`gone`), or the file system does not lock files (`unable`).
 */
export type LockAttempt =
  | { readonly state: 'locked' | 'held' | 'gone' }
  | { readonly state: 'unable'; readonly cause: unknown };

/**
 * Locks an open file until the descriptor is closed or the process ends, however it ends. Some file systems grant
 * a lock to everyone: locks work only if a second descriptor does not get it.
 * @param path - of the file. Its last holder may have removed it since it was opened.
 */
export function tryLock(path: string, descriptor: number): LockAttempt {
  try {
    const locks = nativeLocks();
    if (!locks.tryLock(descriptor)) return { state: 'held' };
    if (!isFileOf(path, descriptor)) return { state: 'gone' };
    const second = openSync(path, OPEN_FLAGS);
    try {
      if (!locks.tryLock(second)) return { state: 'locked' };
      return { state: 'unable', cause: new Error('the file system grants one lock twice') };
    } finally {
      closeSync(second);
    }
  } catch (cause) {
    return { state: 'unable', cause };
  }
}

function isFileOf(path: string, descriptor: number): boolean {
  const [current, opened] = [statSync(path, { throwIfNoEntry: false }), fstatSync(descriptor)];
  return current?.ino === opened.ino && current.dev === opened.dev;
}

/** Everything without locks works on platforms without a build of the module. */
function nativeLocks(): NativeLocks {
  // The module calls libuv, without which loading it ends the process.
  for (const name of ['bun', 'deno'] as const)
    if (name in process.versions) throw new Error(`${name} has no libuv, which file locks need`);
  const require = createRequire(import.meta.url);
  return require('fs-native-extensions') as NativeLocks;
}

/**
 * Keeps other runs from writing the same output, by locking a file `.NAME.lock` beside it until it is released or
 * the process ends, however it ends. A file that a killed run left does no harm.
 * @param directory - need not exist. Missing folders above it are created.
 * @param command - name of the run for the error of a second one, such as `train`.
 * @param onUnable - called with the reason if files cannot be locked there. The run then continues without a lock.
 * @returns a function that releases the lock.
 * @throws HeldError naming the process that holds the lock; Error saying why the lock file cannot be created.
 */
export function lockOutput(
  directory: string,
  command: string,
  onUnable: (cause: unknown) => void = () => {},
): () => void {
  const output = resolve(directory);
  const file = join(dirname(output), `.${basename(output)}.lock`);
  const descriptor = acquireLock(file, output, onUnable);
  describeHolder(descriptor, command);
  const release = (): void => {
    process.off('exit', release);
    // Removed while it is locked: once it is unlocked, a file of this name may belong to another run.
    rmSync(file, { force: true });
    closeSync(descriptor);
  };
  process.once('exit', release);
  return release;
}

/** Another run holds the lock of an output. */
export class HeldError extends Error {}

/** @returns its descriptor, locked unless the file system cannot lock files. */
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
    if (attempt.state !== 'held') continue;
    const advice = 'Wait for it to finish, or name another output';
    throw new HeldError(`The output ${output} is being written by ${holderOf(file)}. ${advice}`);
  }
}

function openLockFile(file: string, output: string): number {
  try {
    makeFolder(dirname(file));
    return openSync(file, OPEN_FLAGS | constants.O_CREAT, 0o644);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'EACCES' || code === 'EPERM' ? `: no permission to write in ${dirname(file)}` : '';
    throw new Error(`The output ${output} cannot be locked${why}`, { cause });
  }
}

/** For the error of a second run. */
function describeHolder(descriptor: number, command: string): void {
  const holder = { pid: process.pid, command, since: new Date().toISOString() };
  try {
    ftruncateSync(descriptor);
    writeSync(descriptor, `${JSON.stringify(holder)}\n`, 0);
  } catch {
    // The lock works without the text. If the disk is full, the run itself reports it.
  }
}

function holderOf(file: string): string {
  try {
    const { pid, command, since } = JSON.parse(readFileSync(file, 'utf8'));
    return `process ${pid} (${command}, since ${since})`;
  } catch {
    return 'another process';
  }
}
