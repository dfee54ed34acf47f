import { existsSync, realpathSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { createFile, recover, tryLock } from '@gru4rec/durable-files';
import { StudyError } from '../study-error.ts';
import { FileStorage } from './file-storage.ts';
import type { StudyStorage } from './storage.ts';
import { formatLine } from './study-lines.ts';

/**
 * Opens or creates the file of a study: JSON Lines with one change per line, which are only appended.
 *
 * A new file gets its name once its first line is complete. Each line is flushed to disk before the promise of its change
 * is fulfilled, and has a checksum. Times are milliseconds since 1970.
 *
 * @param file - in an existing folder, on a disk where files can be locked.
 * @returns the storage, which only this process can use until it is closed.
 * @throws StudyError if another coordinator has the file open, if it is not a study, or if it cannot be opened.
 */
export async function openStudyFile(file: string): Promise<StudyStorage> {
  const path = canonicalPath(file);
  try {
    await recover(path);
    if (!existsSync(path)) await createFile(path, (made) => writeFile(made, formatLine));
    const handle = await open(path, 'a+');
    try {
      lock(path, handle.fd);
      return new FileStorage(path, handle, await handle.readFile());
    } catch (error) {
      await handle.close();
      throw error;
    }
  } catch (error) {
    throw describe(error, path);
  }
}

/** The system releases the lock when the file is closed or the process ends, however it ends. */
function lock(path: string, descriptor: number): void {
  const attempt = tryLock(path, descriptor);
  if (attempt.state === 'unable') throw attempt.cause;
  if (attempt.state === 'locked') return;
  throw new StudyError(
    `openStudyFile: "file" expected one coordinator at a time, got a second, at ${path}. Wait for the first to finish, or name another file.`,
  );
}

/** Resolves links, so that each file has one path. The file need not exist yet. */
function canonicalPath(file: string): string {
  const path = resolve(file);
  try {
    return existsSync(path) ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path));
  } catch (cause) {
    throw new StudyError(
      `openStudyFile: "file" expected a folder that exists, got ${dirname(path)}. Create it first.`,
      { cause },
    );
  }
}

function describe(error: unknown, path: string): unknown {
  if (error instanceof StudyError) return error;
  const advice = 'Name a file in a writable folder on a disk with hard links and locks.';
  return new StudyError(`openStudyFile: "file" expected a study that can be opened, got ${path}. ${advice}`, {
    cause: error,
  });
}
