import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { FileRecord } from './manifest.ts';

/** Size and SHA-256 of a file, read as a stream. */
export async function recordOf(path: string): Promise<FileRecord> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** One checksum for all files: over a line `name sha256` each, in order of name. */
export function combinedChecksum(files: Readonly<Record<string, FileRecord>>): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(files).sort()) hash.update(`${name} ${files[name]?.sha256}\n`);
  return hash.digest('hex');
}
