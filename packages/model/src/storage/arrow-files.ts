import { join } from 'node:path';
import { ItemIdError, type ItemIds, ItemIdTable } from '@gru4rec/dataset/ids';
import { type Data, DataType, makeData, Table, tableFromIPC, tableToIPC, Utf8, Vector } from 'apache-arrow';
import { ModelError } from './manifest.ts';
import { readSealedFile } from './model-file.ts';

/** Name of the file of item ids. */
export const ITEMS = 'items.arrow';

/** Item ids in index order as an Arrow file with the column `id`, in one record batch. */
export function itemChunks(itemIds: ItemIds): Iterable<Uint8Array> {
  const { utf8: data, offsets: valueOffsets } = ItemIdTable.of(itemIds).packed;
  const ids = makeData({ type: new Utf8(), length: itemIds.length, nullCount: 0, valueOffsets, data });
  return [tableToIPC(new Table({ id: new Vector([ids]) }), 'file')];
}

/** @throws ModelError if it is not such a file, or if an id is missing, repeated or not UTF-8. */
export function readItems(file: string, bytes: Uint8Array): ItemIdTable {
  const column = guarded(file, () => tableFromIPC(bytes).getChild('id'));
  if (column === null) throw new ModelError(file, 'lacks the column id');
  const ids = new ItemIdTable({ items: column.length });
  for (const data of column.data) guarded(file, () => appendIds(file, ids, data));
  return ids;
}

/** The item ids of a folder whose manifest has the checksum of their file, and their `count` if it is given. */
export async function readSealedItems(
  directory: string,
  { count, ...expected }: Parameters<typeof readSealedFile>[2] & { readonly count?: number },
): Promise<ItemIdTable> {
  const file = join(directory, ITEMS);
  const ids = readItems(file, await readSealedFile(directory, ITEMS, expected));
  if (count === undefined || ids.length === count) return ids;
  throw new ModelError(file, `expected ${count} items as in ${expected.manifest}, got ${ids.length}`);
}

/** Appends ids as bytes. Ids of another type, such as numbers, become strings. */
function appendIds(file: string, ids: ItemIdTable, data: Data): void {
  const count = ids.length + data.length;
  try {
    if (DataType.isUtf8(data.type) && data.nullCount === 0) {
      ids.append({ utf8: data.values, offsets: data.valueOffsets.subarray(0, data.length + 1) });
    } else {
      ids.append(ItemIdTable.from(textsOf(file, data, ids.length)).packed);
    }
  } catch (cause) {
    if (!(cause instanceof ItemIdError)) throw cause;
    const where = cause.fault === 'repeated' ? '' : ` in row ${cause.index + 1}`;
    throw new ModelError(file, `"id" expected ${cause.expected}, got ${cause.got}${where}`);
  }
  if (ids.length < count) throw new RangeError('the offsets of "id" are fewer than its rows');
}

function* textsOf(file: string, data: Data, first: number): Iterable<string> {
  let row = first;
  for (const id of new Vector([data])) {
    row++;
    if (id === null) throw new ModelError(file, `"id" expected a string in row ${row}, got none`);
    yield String(id);
  }
}

function guarded<Result>(file: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    throw cause instanceof ModelError ? cause : new ModelError(file, 'is not an Arrow file', { cause });
  }
}
