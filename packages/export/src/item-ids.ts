import { createHash } from 'node:crypto';
import type { ItemIds } from '@gru4rec/item-ids';

/** Item ids per piece of a file. */
const IDS_AT_ONCE = 1 << 14;

/** Item ids as a JSON array in pieces of bytes, because the text for some ten million ids is too long for a V8 string. */
export function* idChunks(itemIds: ItemIds): Iterable<Uint8Array> {
  const encoder = new TextEncoder();
  for (let from = 0; from < itemIds.length; from += IDS_AT_ONCE) {
    const list = JSON.stringify(itemIds.slice(from, from + IDS_AT_ONCE)).slice(1, -1);
    yield encoder.encode(`${from === 0 ? '[' : ','}${list}`);
  }
  yield encoder.encode(itemIds.length === 0 ? '[]\n' : ']\n');
}

/** SHA-256 of these bytes, in hexadecimal. Readers check with it that a graph and a list of ids belong together. */
export function idsChecksum(itemIds: ItemIds): string {
  const hash = createHash('sha256');
  for (const chunk of idChunks(itemIds)) hash.update(chunk);
  return hash.digest('hex');
}
