import { ItemIdError, type ItemIds, ItemIdTable } from '@gru4rec/item-ids';
import { ModelError } from '@gru4rec/model';

/** Item ids as two tensors: the UTF-8 bytes of all ids, and where each id begins. */
export interface EncodedIds {
  readonly utf8: Uint8Array;
  /** [I + 1]; the last is the number of bytes. */
  readonly offsets: BigInt64Array;
}

/** Names of the two tensors in a file. */
export const idTensors = { utf8: 'items.utf8', offsets: 'items.offsets' } as const;

/**
 * Item ids as bytes and offsets, for any characters and any number of items. The format's metadata would hold only some
 * megabytes of text.
 *
 * @returns `utf8` is a view if `itemIds` is a table; all else is fresh.
 * @throws RangeError for an id with a lone surrogate.
 */
export function encodeIds(itemIds: ItemIds): EncodedIds {
  try {
    const { utf8, offsets } = ItemIdTable.of(itemIds).packed;
    const wide = new BigInt64Array(offsets.length);
    for (const [at, offset] of offsets.entries()) wide[at] = BigInt(offset);
    return { utf8, offsets: wide };
  } catch (cause) {
    if (!(cause instanceof ItemIdError)) throw cause;
    const what = cause.fault === 'not-text' ? 'strings' : cause.expected;
    throw new RangeError(
      `toSafetensors: "itemIds" expected ${what}, got ${cause.got} at index ${cause.index}`,
    );
  }
}

/**
 * Decodes item ids.
 * @throws ModelError if the offsets do not rise from 0 to the number of bytes, or an id is not UTF-8 or is repeated.
 */
export function decodeIds(file: string, { utf8, offsets }: EncodedIds): ItemIdTable {
  const ids = new ItemIdTable({ items: offsets.length - 1, bytes: utf8.length });
  try {
    ids.append({ utf8, offsets: inInt32(file, offsets, utf8.length) });
    return ids;
  } catch (cause) {
    if (!(cause instanceof ItemIdError)) throw cause;
    if (cause.fault === 'repeated') throw new ModelError(file, `has the item id ${cause.got}`);
    throw new ModelError(file, `"${idTensors.utf8}" is not UTF-8 at item ${cause.index}`, { cause });
  }
}

function inInt32(file: string, offsets: BigInt64Array, bytes: number): Int32Array {
  const narrow = new Int32Array(offsets.length);
  for (let at = 0; at < offsets.length; at++) {
    const offset = Number(offsets[at]);
    if (offset < (narrow[at - 1] ?? 0) || offset > bytes || (at === 0 && offset !== 0)) {
      const where = `does not rise from 0 to ${bytes} at item ${Math.max(0, at - 1)}`;
      throw new ModelError(file, `"${idTensors.offsets}" ${where}`);
    }
    narrow[at] = offset;
  }
  const end = narrow.at(-1);
  if (end === bytes) return narrow;
  throw new ModelError(file, `"${idTensors.offsets}" ends at ${end}, "${idTensors.utf8}" at ${bytes}`);
}
