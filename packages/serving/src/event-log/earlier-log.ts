import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DAY_FILE } from './day-file.ts';
import { keyOfLine } from './log-line.ts';

/** More than the longest line. */
const MAX_LINE_BYTES = 1 << 20;

/** What an earlier process left. */
export interface EarlierLog {
  /** Bytes of a torn last line, which were removed. */
  readonly tornBytes: number;
  /** Keys of the latest clicks that have one. */
  readonly keys: Set<string>;
}

/**
 * Removes the torn last line that a killed process or a power cut left, and reads the latest clicks.
 *
 * @param maxBytes - how much of the end of the log is read.
 */
export async function recoverLog(directory: string, maxBytes: number): Promise<EarlierLog> {
  const names = (await readdir(directory)).filter((name) => DAY_FILE.test(name)).sort();
  const keys = new Set<string>();
  let tornBytes = 0;
  let left = maxBytes;
  for (const name of names.slice(-2).reverse()) {
    const handle = await open(join(directory, name), 'r+');
    try {
      tornBytes += await cutTornLine(handle);
      const { size } = await handle.stat();
      const text = await readEnd(handle, size, Math.min(size, left));
      left -= Math.min(size, left);
      for (const line of text.split('\n')) {
        const key = keyOfLine(line);
        if (key !== undefined) keys.add(key);
      }
    } finally {
      await handle.close();
    }
  }
  return { tornBytes, keys };
}

/** @returns the number of bytes that it removed. */
async function cutTornLine(handle: FileHandle): Promise<number> {
  const { size } = await handle.stat();
  const end = Buffer.alloc(Math.min(size, MAX_LINE_BYTES));
  await handle.read(end, 0, end.length, size - end.length);
  const torn = end.length - 1 - end.lastIndexOf(0x0a);
  if (torn === 0 || end.length === 0) return 0;
  if (torn === end.length && size > end.length) return 0; // not a line of this log
  await handle.truncate(size - torn);
  await handle.datasync();
  return torn;
}

async function readEnd(handle: FileHandle, size: number, bytes: number): Promise<string> {
  const end = Buffer.alloc(bytes);
  await handle.read(end, 0, bytes, size - bytes);
  return end.toString();
}
