import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The part of fs-native-extensions that is used. */
interface NativeLocks {
  /**
   * Locks a file until `descriptor` is closed.
   * @returns false if another descriptor of this or another process holds the lock.
   */
  tryLock(descriptor: number): boolean;
}

/**
 * Outcome of an attempt to lock a file: this descriptor holds the lock (`locked`), another one does (`held`), the file
 * was removed after it was opened (`gone`), or the file system does not lock files (`unable`, with the reason).
 */
export type LockAttempt =
  | { readonly state: 'locked' | 'held' | 'gone' }
  | { readonly state: 'unable'; readonly cause: unknown };

/**
 * Tries to lock an open file for its descriptor. The system releases the lock when the descriptor is closed or the
 * process ends, however it ends. Some file systems grant a lock to everyone, so a second descriptor tries to get it
 * too: only if that fails do locks work there.
 *
 * @param path - path of the file. Its last holder may have removed it since it was opened.
 */
export function tryLock(path: string, descriptor: number): LockAttempt {
  try {
    const locks = nativeLocks();
    if (!locks.tryLock(descriptor)) return { state: 'held' };
    if (!isFileOf(path, descriptor)) return { state: 'gone' };
    const second = openSync(path, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
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

/** Whether the path still refers to the open file. */
function isFileOf(path: string, descriptor: number): boolean {
  const [found, opened] = [statSync(path, { throwIfNoEntry: false }), fstatSync(descriptor)];
  return found?.ino === opened.ino && found.dev === opened.dev;
}

/** Loaded on first use, so that everything without locks works on platforms without a build of the module. */
function nativeLocks(): NativeLocks {
  const require = createRequire(import.meta.url);
  return require('fs-native-extensions') as NativeLocks;
}
