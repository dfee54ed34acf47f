import type { ColumnNames } from '../columns.ts';
import type { InputFile } from '../input-file.ts';
import type { IntegerRows, LineReader } from './integer-rows.ts';

const [LF, CR, QUOTE, SPACE, DELETE] = [10, 13, 34, 32, 127] as const;
const [OTHER, SESSION, ITEM] = [0, 1, 2] as const;

/** Reads lines of CSV and TSV whose ids and times are plain integers, and whose other fields are ASCII without quotes. */
export class DelimitedLines implements LineReader {
  readonly hasHeader = true;
  readonly #delimiter: number;
  /** What each column has. */
  readonly #columns: Uint8Array;

  constructor({ header, delimiter }: InputFile, { session, item, time }: ColumnNames) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#columns = Uint8Array.from(header, (name) => [session, item, time].indexOf(name) + 1);
  }

  read(rows: IntegerRows, start: number, end: number): boolean {
    const { bytes, sessions, items, times } = rows;
    const last = this.#columns.length - 1;
    for (let at = start; at < end; at++) {
      for (let column = 0; column <= last; column++) {
        const kind = this.#columns[column];
        if (kind === OTHER) at = this.#fieldEnd(bytes, at);
        else {
          const value = rows.integerAt(at);
          if (value === -1) return false;
          const values = kind === SESSION ? sessions : kind === ITEM ? items : times;
          values[rows.length] = value;
          at = rows.end;
        }
        if (column < last && bytes[at++] !== this.#delimiter) return false;
      }
      if (bytes[at] === CR) at++;
      if (bytes[at] !== LF) return false;
      rows.length++;
    }
    return true;
  }

  /** The end of a field of ASCII without quotes, or of its part that is. */
  #fieldEnd(bytes: Uint8Array, from: number): number {
    for (let at = from; ; at++) {
      const byte = bytes[at] as number;
      if (byte < SPACE || byte >= DELETE || byte === QUOTE || byte === this.#delimiter) return at;
    }
  }
}
