import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DAY_FILE } from './day-file.ts';
import { lineEnd } from './read-clicks.ts';

/** What an earlier process left. */
export interface EarlierLog {
  /** Bytes of torn last lines, which were removed. */
  readonly tornBytes: number;
  /** Files whose last line was too long to be one of the log and had no end. The line stays, and ends now. */
  readonly longTails: readonly string[];
}

/** Removes the torn last lines that killed processes and power cuts left, so that the next click begins a line. */
export async function recoverLog(directory: string): Promise<EarlierLog> {
  const names = (await readdir(directory)).filter((name) => DAY_FILE.test(name)).sort();
  const longTails: string[] = [];
  let tornBytes = 0;
  // A clock that was ahead leaves files of later days than the one that was written last.
  for (const name of names) {
    const file = join(directory, name);
    const { size } = await stat(file);
    const end = await lineEnd(file, size);
    if (end !== size) await endLine(file, size, end);
    if (end === undefined) longTails.push(name);
    tornBytes += size - (end ?? size);
  }
  return { tornBytes, longTails };
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
