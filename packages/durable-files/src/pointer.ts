import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { replaceFile } from './replace.ts';

/**
 * Writes a file that names a folder beside it. It is replaced as a whole, so a reader finds the name before or the
 * one after, also if this process is killed.
 */
export async function pointTo(file: string, name: string): Promise<void> {
  await replaceFile(file, [Buffer.from(`${name}\n`)]);
}

/**
 * @returns the folder that a pointer names; `path` itself if it is no file.
 * @throws Error if the file does not name a folder beside it.
 */
export function followPointer(path: string): string {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return path;
  const name = readFileSync(path, 'utf8').trimEnd();
  if (/^[\w.-]+$/.test(name) && !/^\.+$/.test(name)) return join(dirname(path), name);
  throw new Error(
    `${path} expected the name of a folder beside it, got ${JSON.stringify(name.slice(0, 100))}`,
  );
}
