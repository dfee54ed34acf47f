import { show, showNames } from '@gru4rec/checked-options';
/** File beside the items of a dataset or model: JSON Lines, one object per item with `id` and its columns. */
export const ITEM_INFO_FILE = 'item-info.jsonl';

/** What an items file says of an item. */
export interface ItemInfo {
  readonly available: boolean;
  /** Of these two, a number is converted to a string. */
  readonly title: string | undefined;
  readonly group: string | undefined;
  /** All columns except the id. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A row of an items file. */
export interface ItemRow {
  readonly id: string;
  readonly info: ItemInfo;
  /** Line number from 1; of a CSV record, its last line. */
  readonly line: number;
}

/** A row before it is checked. */
export interface RawRow {
  readonly row: Readonly<Record<string, unknown>>;
  readonly line: number;
}

const available = new Map<unknown, boolean>([
  ...[undefined, null, '', true, 1, 'true', '1', 'yes'].map((value) => [value, true] as const),
  ...[false, 0, 'false', '0', 'no'].map((value) => [value, false] as const),
]);

/**
 * Checks a row.
 * @param idColumn - name of the column of ids, beside which a column id is left out; `id` or `item` if not given.
 * @param place - of the row, for errors.
 * @throws Error naming the place and the column that is wrong.
 */
export function itemRow({ row, line }: RawRow, idColumn?: string, place: string = `line ${line}`): ItemRow {
  const name = idColumn ?? (row['id'] === undefined && row['item'] !== undefined ? 'item' : 'id');
  if (!Object.hasOwn(row, name)) {
    throw noIdColumn(Object.keys(row), idColumn, `${place}: `);
  }
  const { id: _, [name]: written, ...fields } = row;
  const id = Number.isSafeInteger(written) ? String(written) : written;
  if (typeof id !== 'string' || id === '') {
    throw rowError(place, name, 'a string or a whole number', written);
  }
  return { id, info: itemInfo(fields, place), line };
}

function itemInfo(fields: Record<string, unknown>, place: string): ItemInfo {
  const { available: written, group, title } = fields;
  const isAvailable = available.get(typeof written === 'string' ? written.toLowerCase() : written);
  if (isAvailable === undefined) throw rowError(place, 'available', 'true or false', written);
  if (group !== undefined && group !== null && textOf(group) === undefined) {
    throw rowError(place, 'group', 'a string or a number', group);
  }
  return {
    available: isAvailable,
    title: textOf(title) || undefined,
    group: textOf(group) || undefined,
    fields,
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function rowError(place: string, name: string, expected: string, got: unknown): Error {
  return new Error(`${place}: "${name}" expected ${expected}, got ${show(got)}`);
}

/** The error for a file without the column of ids. @param idColumn - its name, if one was given. */
export function noIdColumn(
  names: readonly string[],
  idColumn: string | undefined,
  place: string = '',
): Error {
  const expected = idColumn ?? 'id, or the name of another';
  return new Error(`${place}expected a column ${expected}, got ${showNames(names)}`);
}
