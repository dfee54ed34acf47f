import { createHash } from 'node:crypto';

/**
 * SHA-256, in hexadecimal, of a manifest without its key `checksum`, as JSON without white space in the order of its
 * keys: what a reader sees is what is summed, however it is laid out.
 */
export function manifestChecksum(manifest: object): string {
  const { checksum: _, ...rest } = JSON.parse(JSON.stringify(manifest)) as { checksum?: unknown };
  return createHash('sha256').update(JSON.stringify(rest)).digest('hex');
}
