import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';

/** What is used of fs-native-extensions. */
interface NativeLocks {
  /** False if another open file has the lock, in this process or in another. It ends when `descriptor` is closed. */
  tryLock(descriptor: number): boolean;
}

/**
 * What became of a try to lock a file: this descriptor has the lock, another one has it, the file was removed after it
 * was opened, or files cannot be locked there and `cause` says why.
 */
export type LockAttempt =
  | { readonly state: 'locked' | 'held' | 'gone' }
  | { readonly state: 'unable'; readonly cause: unknown };

/**
 * Tries to lock an open file for its descriptor. The system unlocks it when the descriptor is closed or the process
 * ends, however it ends. A second open of the file, which must not get the lock too, shows that locks work there.
 *
 * @param path - its name, which its last holder may have removed since.
 */
export function tryLock(path: string, descriptor: number): LockAttempt {
  try {
    const locks = nativeLocks();
    if (!locks.tryLock(descriptor)) return { state: 'held' };
    if (!isFileOf(path, descriptor)) return { state: 'gone' };
    const second = openSync(path, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
    try {
      if (!locks.tryLock(second)) return { state: 'locked' };
      return { state: 'unable', cause: new Error('the file system gives one lock to two holders') };
    } finally {
      closeSync(second);
    }
  } catch (cause) {
    return { state: 'unable', cause };
  }
}

/** Whether an open file is still the one of this name. */
function isFileOf(path: string, descriptor: number): boolean {
  const [found, opened] = [statSync(path, { throwIfNoEntry: false }), fstatSync(descriptor)];
  return found?.ino === opened.ino && found.dev === opened.dev;
}

/** Loaded when it is needed: where there is no build of it, what needs no lock works. */
function nativeLocks(): NativeLocks {
  const require = createRequire(import.meta.url);
  return require('fs-native-extensions') as NativeLocks;
}
