import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { optionError } from '@gru4rec/checks';
import { DataError } from '@gru4rec/dataset';

/** A row that cannot become an event or an item. */
export interface BadRow {
  readonly file: string;
  /** From 1: a line of a text file, its header included; a record of a Parquet file. */
  readonly row: number;
  /** Empty if the whole row is bad. */
  readonly column: string;
  readonly value: string;
  readonly expected: string;
}

/** Others are only counted, because a list of millions of rows would not fit in memory. */
export const MAX_LISTED_ROWS = 1_000_000;

/** The first `MAX_LISTED_ROWS`, and the number of all. */
export interface BadRows {
  readonly count: number;
  readonly listed: readonly BadRow[];
}

export class BadRowList implements BadRows {
  readonly listed: BadRow[] = [];
  count = 0;

  add(row: BadRow): void {
    this.count++;
    if (this.listed.length < MAX_LISTED_ROWS) this.listed.push(row);
  }
}

export const BAD_ROWS_FILE = 'bad-rows.tsv';

export function badRowError({ file, row, column, value, expected }: BadRow): DataError {
  const what = column === '' ? 'row' : `"${column}"`;
  const got = value === '' ? 'nothing' : JSON.stringify(value);
  return optionError((message) => new DataError(message, { file, row, ...(column !== '' && { column }) }), {
    caller: 'prepare',
    remedy: 'onBadRow',
    problem: `${what} expected ${expected}, got ${got}, at ${file}:${row}. Correct it or skip bad rows`,
  });
}

/** TSV. If rows are missing in it, the last line has their number. */
export async function writeBadRows(path: string, { listed, count }: BadRows): Promise<void> {
  await pipeline(Readable.from(tsvLines(listed, count)), createWriteStream(path, { flags: 'wx' }));
}

const BLOCK_ROWS = 1000;

function* tsvLines(rows: readonly BadRow[], count: number): Generator<string> {
  yield 'file\trow\tcolumn\tvalue\texpected\n';
  for (let from = 0; from < rows.length; from += BLOCK_ROWS) {
    const lines = rows
      .slice(from, from + BLOCK_ROWS)
      .map((row) => `${[row.file, row.row, row.column, row.value, row.expected].map(tsvField).join('\t')}\n`);
    yield lines.join('');
  }
  if (count > rows.length) yield `\t\t\t\tand ${count - rows.length} rows more\n`;
}

export function tsvField(value: string | number): string {
  return String(value).replace(/[\\\t\n\r]/g, (character) => JSON.stringify(character).slice(1, -1));
}

export function sortedRows(
  badRows: readonly BadRow[],
  files: readonly { readonly file: string }[],
): BadRow[] {
  const place = new Map(files.map(({ file }, index) => [file, index]));
  const placeOf = (row: BadRow) => place.get(row.file) ?? 0;
  return badRows.toSorted((a, b) => placeOf(a) - placeOf(b) || a.row - b.row).slice(0, MAX_LISTED_ROWS);
}
