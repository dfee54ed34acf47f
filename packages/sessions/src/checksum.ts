import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

/** SHA-256 of an open file, read from its start as a stream. The file stays open. */
export async function sha256Of(file: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  const stream = file.createReadStream({ start: 0, autoClose: false, highWaterMark: 1 << 20 });
  for await (const chunk of stream) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** SHA-256 of a manifest as JSON without white space and without the key `manifestChecksum`. */
export function manifestChecksum(manifest: object): string {
  const { manifestChecksum: _, ...rest } = manifest as { manifestChecksum?: unknown };
  return createHash('sha256').update(JSON.stringify(rest)).digest('hex');
}

/** One checksum for all files: over one line `name sha256` per file, ordered by name. */
export function combinedChecksum(files: Readonly<Record<string, { readonly sha256: string }>>): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(files).sort()) hash.update(`${name} ${files[name]?.sha256}\n`);
  return hash.digest('hex');
}
