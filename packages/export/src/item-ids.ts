import { createHash } from 'node:crypto';
import type { ItemIds } from '@gru4rec/item-ids';

/** Item ids of one piece of a file. */
const IDS_AT_ONCE = 1 << 14;

/** Item ids as the bytes of a JSON array, in pieces: no text of V8 holds those of some ten million ids. */
export function* idChunks(itemIds: ItemIds): Iterable<Uint8Array> {
  const encoder = new TextEncoder();
  for (let from = 0; from < itemIds.length; from += IDS_AT_ONCE) {
    const list = JSON.stringify(itemIds.slice(from, from + IDS_AT_ONCE)).slice(1, -1);
    yield encoder.encode(`${from === 0 ? '[' : ','}${list}`);
  }
  yield encoder.encode(itemIds.length === 0 ? '[]\n' : ']\n');
}

/** SHA-256 of these bytes, in hexadecimal: by it a reader sees whether a graph and a list of ids belong together. */
export function idsChecksum(itemIds: ItemIds): string {
  const hash = createHash('sha256');
  for (const chunk of idChunks(itemIds)) hash.update(chunk);
  return hash.digest('hex');
}
