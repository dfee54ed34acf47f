import { writeFile } from 'node:fs/promises';
import { DataError } from '@gru4rec/sessions';

/** A row that cannot become an event. */
export interface BadRow {
  readonly file: string;
  /** From 1: a line of a text file, its header included; a record of a Parquet file. */
  readonly row: number;
  /** Empty where the row as a whole is at fault. */
  readonly column: string;
  /** What stands there, cut after 100 characters. */
  readonly value: string;
  /** What should stand there. */
  readonly expected: string;
}

/** The name of the list of bad rows, beside the dataset's files. */
export const BAD_ROWS_FILE = 'bad-rows.tsv';

/** The error for a bad row where none is allowed. */
export function badRowError({ file, row, column, value, expected }: BadRow): DataError {
  const what = column === '' ? 'row' : `"${column}"`;
  const got = value === '' ? 'nothing' : JSON.stringify(value);
  const message = `prepare: ${what} expected ${expected}, got ${got}, at ${file}:${row}. Correct it or skip bad rows (--on-bad-row skip).`;
  return new DataError(message, { file, row, ...(column !== '' && { column }) });
}

/** Writes the list of bad rows as TSV. */
export async function writeBadRows(path: string, rows: readonly BadRow[]): Promise<void> {
  const lines = rows.map((row) =>
    [row.file, row.row, row.column, row.value, row.expected].map(tsvField).join('\t'),
  );
  await writeFile(path, `${['file\trow\tcolumn\tvalue\texpected', ...lines].join('\n')}\n`);
}

/** At most 100 characters of a value. */
export function shorten(value: string): string {
  return value.length <= 100 ? value : `${value.slice(0, 100)}…`;
}

function tsvField(value: string | number): string {
  return String(value).replace(/[\\\t\n\r]/g, (found) => JSON.stringify(found).slice(1, -1));
}

/** Bad rows in the order of the files, and in their order within a file. */
export function sortedRows(
  badRows: readonly BadRow[],
  files: readonly { readonly file: string }[],
): BadRow[] {
  const place = new Map(files.map(({ file }, index) => [file, index]));
  const placeOf = (row: BadRow) => place.get(row.file) ?? 0;
  return badRows.toSorted((a, b) => placeOf(a) - placeOf(b) || a.row - b.row);
}
