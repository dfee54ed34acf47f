import { constants } from 'node:fs';
import { type FileHandle, open, readdir, stat, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { flush } from '@gru4rec/durable-files';

const DAY_FILE = /^\d{4}-\d{2}-\d{2}\.jsonl$/;
/** Folder of answers in an event log, whose clicks would take longer to read with them. */
export const ANSWERS_FOLDER = 'answers';
export const DAY_MS = 86_400_000;

const MAX_WRITE_BYTES = 1 << 22;
/** Longer lines are not read: a click has at most some kilobytes. */
export const MAX_LINE_BYTES = 1 << 20;
export const NEWLINE = 0x0a;

const firstLine = (day: string): string => `${JSON.stringify({ EventLog: 'gru4rec', Day: day })}\n`;

/** Every write starts at the end of what was written completely, so a retry overwrites the part of one that failed. */
export class DayFile {
  readonly day: string;
  flushed: number;
  readonly #handle: FileHandle;
  #bytes: number;
  #isSynced = true;
  #isExact = true;

  private constructor(day: string, handle: FileHandle, bytes: number) {
    this.day = day;
    this.#handle = handle;
    this.#bytes = bytes;
    this.flushed = bytes;
  }

  static async open(directory: string, day: string): Promise<DayFile> {
    const handle = await open(pathOfDay(directory, day), constants.O_RDWR | constants.O_CREAT, 0o640);
    try {
      const { size } = await handle.stat();
      const file = new DayFile(day, handle, size);
      if (size > 0) return file;
      // Without this, a power cut can take the name of a new file.
      await flush(directory);
      await file.append(firstLine(day), true);
      return file;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async append(text: string, sync: boolean): Promise<void> {
    const bytes = Buffer.from(text);
    this.#isExact = false;
    let at = 0;
    while (at < bytes.length) {
      const length = Math.min(MAX_WRITE_BYTES, bytes.length - at);
      const { bytesWritten } = await this.#handle.write(bytes, at, length, this.#bytes + at);
      at += bytesWritten;
    }
    if (bytes.length > 0) this.#isSynced = false;
    if (sync) await this.sync();
    this.#bytes += bytes.length;
    this.#isExact = true;
    if (sync) this.flushed = this.#bytes;
  }

  async sync(): Promise<void> {
    if (this.#isSynced) return;
    this.#isSynced = true;
    const bytes = this.#bytes;
    try {
      await this.#handle.datasync();
      this.flushed = bytes;
    } catch (error) {
      this.#isSynced = false;
      throw error;
    }
  }

  async close(): Promise<void> {
    try {
      if (!this.#isExact) await this.#handle.truncate(this.#bytes);
      await this.sync();
    } finally {
      await this.#handle.close();
    }
  }
}

export function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

export function pathOfDay(directory: string, day: string): string {
  return join(directory, `${day}.jsonl`);
}

/** Without compressed files. */
export async function daysOf(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).filter((name) => DAY_FILE.test(name));
  return names.map((name) => name.slice(0, 10)).sort();
}

/** A file that is being written may end within a line. */
export async function endsOfLog(directory: string): Promise<Map<string, number>> {
  const endOf = async (day: string) => [day, (await stat(pathOfDay(directory, day))).size] as const;
  return new Map(await Promise.all((await daysOf(directory)).map(endOf)));
}

/** @returns the names of the deleted files, oldest first. */
export async function removeDaysBefore(directory: string, timeMs: number): Promise<string[]> {
  const days = (await daysOf(directory)).filter((day) => Date.parse(day) + DAY_MS <= timeMs);
  const paths = days.map((day) => pathOfDay(directory, day));
  for (const path of paths) await unlink(path);
  if (paths.length > 0) await flush(directory);
  return paths.map((path) => basename(path));
}

/** @returns undefined if the last line end is more than `MAX_LINE_BYTES` before the end. */
export async function lineEnd(file: string, bytes: number): Promise<number | undefined> {
  const handle = await open(file);
  try {
    for (const window of [1 << 12, MAX_LINE_BYTES]) {
      const length = Math.min(bytes, window);
      const { buffer } = await handle.read(Buffer.alloc(length), 0, length, bytes - length);
      const end = buffer.lastIndexOf(NEWLINE) + 1;
      if (end > 0 || length === bytes) return bytes - length + end;
    }
    return undefined;
  } finally {
    await handle.close();
  }
}

/**
 * Removes the torn last lines that killed processes left. One that is too long to be of a log stays, and ends.
 * @returns the bytes that were removed.
 */
export async function recoverLog(directory: string): Promise<number> {
  let tornBytes = 0;
  // A clock that was ahead leaves files of later days than the one that was written last.
  for (const [day, size] of await endsOfLog(directory)) {
    const file = pathOfDay(directory, day);
    const end = await lineEnd(file, size);
    if (end !== size) await endLine(file, size, end);
    tornBytes += size - (end ?? size);
  }
  return tornBytes;
}

/** @param end - of its last complete line; undefined ends the last line, whatever it is. */
async function endLine(file: string, size: number, end: number | undefined): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    if (end === undefined) await handle.write('\n', size);
    else await handle.truncate(end);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
