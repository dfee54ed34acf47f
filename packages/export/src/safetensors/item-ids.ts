import { ModelError } from '@gru4rec/model';
import { show } from './header.ts';

/** Item ids as two tensors: their UTF-8 bytes one after the other, and where each begins. */
export interface EncodedIds {
  readonly utf8: Uint8Array;
  /** [I + 1]; the last is the number of bytes. */
  readonly offsets: BigInt64Array;
}

/** Names of the two in a file. */
export const idTensors = { utf8: 'items.utf8', offsets: 'items.offsets' } as const;

/**
 * Item ids as bytes and offsets: no character and no number of items is too much, where the format's own metadata hold
 * some megabytes of text at most.
 *
 * @returns fresh.
 * @throws RangeError for an id that is no text: half a surrogate pair.
 */
export function encodeIds(itemIds: readonly string[]): EncodedIds {
  const encoder = new TextEncoder();
  const offsets = new BigInt64Array(itemIds.length + 1);
  const pieces = itemIds.map((id, index) => {
    if (/\p{Surrogate}/u.test(id)) {
      throw new RangeError(
        `toSafetensors: "itemIds" expected texts, got half a surrogate pair in ${show(id)} at index ${index}`,
      );
    }
    const piece = encoder.encode(id);
    offsets[index + 1] = (offsets[index] ?? 0n) + BigInt(piece.length);
    return piece;
  });
  return { utf8: Buffer.concat(pieces), offsets };
}

/**
 * The ids again.
 * @throws ModelError if the offsets do not rise from 0 to the number of bytes, an id is not UTF-8, or there twice.
 */
export function decodeIds(file: string, { utf8, offsets }: EncodedIds): string[] {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const ids = new Set<string>();
  let from = 0;
  for (let index = 0; index + 1 < offsets.length; index++) {
    const to = Number(offsets[index + 1]);
    if ((index === 0 && offsets[0] !== 0n) || to < from || to > utf8.length) {
      throw new ModelError(
        file,
        `"${idTensors.offsets}" does not rise from 0 to ${utf8.length} at item ${index}`,
      );
    }
    const id = decoded(file, decoder, utf8.subarray(from, to), index);
    if (ids.has(id)) throw new ModelError(file, `has the item id ${show(id)} twice`);
    ids.add(id);
    from = to;
  }
  if (from === utf8.length) return [...ids];
  throw new ModelError(file, `"${idTensors.offsets}" ends at ${from}, "${idTensors.utf8}" at ${utf8.length}`);
}

function decoded(
  file: string,
  decoder: InstanceType<typeof TextDecoder>,
  bytes: Uint8Array,
  index: number,
): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new ModelError(file, `"${idTensors.utf8}" is not UTF-8 at item ${index}`, { cause });
  }
}
