import type { ColumnNames } from '../columns.ts';
import type { InputFile } from '../input-file.ts';

/** Bytes that are read at once. Longer lines are not plain. */
export const BLOCK_BYTES: number = 1 << 20;

const MAX_DIGITS = 16;
const [LF, CR, SPACE, QUOTE, COMMA, ZERO, NINE, COLON] = [10, 13, 32, 34, 44, 48, 57, 58] as const;
const [BACKSLASH, OPEN, CLOSE, DELETE] = [92, 123, 125, 127] as const;

export class IntegerRows {
  readonly bytes: Uint8Array = new Uint8Array(2 * BLOCK_BYTES);
  readonly sessions: Float64Array;
  readonly items: Float64Array;
  readonly times: Float64Array;
  length = 0;
  end = 0;

  constructor() {
    const most = Math.ceil(this.bytes.length / LEAST_ROW_BYTES);
    this.sessions = new Float64Array(most);
    this.items = new Float64Array(most);
    this.times = new Float64Array(most);
  }

  /** At most 2⁵³ − 1, no leading zeros. @returns -1 if there is none; otherwise `end` is its end. */
  integerAt(at: number): number {
    const { bytes } = this;
    let value = 0;
    let end = at;
    for (; ; end++) {
      const byte = bytes[end] as number;
      if (byte < ZERO || byte > NINE) break;
      value = 10 * value + byte - ZERO;
    }
    this.end = end;
    const isExact = end - at <= MAX_DIGITS && value <= Number.MAX_SAFE_INTEGER;
    const isPlain = end > at && isExact && (bytes[at] !== ZERO || end === at + 1);
    return isPlain ? value : -1;
  }
}

/** Three digits, two delimiters and the end of the line. */
const LEAST_ROW_BYTES = 6;

export interface LineReader {
  /** Whole lines only; `end` is exclusive. @returns false at a line that is not plain. */
  read(rows: IntegerRows, start: number, end: number): boolean;
  readonly hasHeader: boolean;
}

/** What a column has, as a bit; 0 for what is not read. */
const [SESSION, ITEM, TIME, ALL] = [1, 2, 4, 7] as const;

/** CSV and TSV whose ids and times are plain integers, and whose other fields are ASCII without quotes. */
export class DelimitedLines implements LineReader {
  readonly hasHeader = true;
  readonly #delimiter: number;
  readonly #columns: Uint8Array;

  constructor({ header, delimiter }: InputFile, { session, item, time }: ColumnNames) {
    const bits = [SESSION, ITEM, TIME];
    this.#delimiter = delimiter.charCodeAt(0);
    this.#columns = Uint8Array.from(header, (name) => bits[[session, item, time].indexOf(name)] ?? 0);
  }

  read(rows: IntegerRows, start: number, end: number): boolean {
    const { bytes, sessions, items, times } = rows;
    const last = this.#columns.length - 1;
    for (let at = start; at < end; at++) {
      for (let column = 0; column <= last; column++) {
        const kind = this.#columns[column];
        if (kind === 0) at = this.#fieldEnd(bytes, at);
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

  #fieldEnd(bytes: Uint8Array, from: number): number {
    for (let at = from; ; at++) {
      const byte = bytes[at] as number;
      if (byte < SPACE || byte >= DELETE || byte === QUOTE || byte === this.#delimiter) return at;
    }
  }
}

/** JSON Lines of flat objects with plain integers, as numbers or strings, and strings of ASCII without escapes. */
export class JsonLines implements LineReader {
  readonly hasHeader = false;
  readonly #keys: readonly Uint8Array[];

  constructor({ session, item, time }: ColumnNames) {
    this.#keys = [session, item, time].map((key) => new TextEncoder().encode(key));
  }

  read(rows: IntegerRows, start: number, end: number): boolean {
    for (let at = start; at < end; ) {
      at = this.#readLine(rows, at);
      if (at === -1) return false;
      rows.length++;
    }
    return true;
  }

  #readLine(rows: IntegerRows, from: number): number {
    const { bytes } = rows;
    if (bytes[from] !== OPEN) return -1;
    let count = 0;
    for (let at = from + 1; ; at++) {
      at = afterSpaces(bytes, at);
      const keyEnd = stringEnd(bytes, at);
      if (keyEnd === -1) return -1;
      const kind = this.#kindOf(bytes, at + 1, keyEnd);
      at = afterSpaces(bytes, keyEnd + 1);
      if (bytes[at] !== COLON || (count & kind) !== 0) return -1;
      at = this.#readValue(rows, afterSpaces(bytes, at + 1), kind);
      if (at === -1) return -1;
      count |= kind;
      at = afterSpaces(bytes, at);
      if (bytes[at] === COMMA) continue;
      return bytes[at] === CLOSE && bytes[at + 1] === LF && count === ALL ? at + 2 : -1;
    }
  }

  #readValue(rows: IntegerRows, at: number, kind: number): number {
    const { bytes } = rows;
    const isText = bytes[at] === QUOTE;
    if (isText && kind === 0) return stringEnd(bytes, at) + 1 || -1;
    const value = rows.integerAt(isText ? at + 1 : at);
    if (value === -1 || (isText && bytes[rows.end] !== QUOTE)) return -1;
    if (kind === SESSION) rows.sessions[rows.length] = value;
    else if (kind === ITEM) rows.items[rows.length] = value;
    else if (kind === TIME) rows.times[rows.length] = value;
    return rows.end + Number(isText);
  }

  #kindOf(bytes: Uint8Array, from: number, end: number): number {
    for (let index = 0; index < this.#keys.length; index++) {
      const key = this.#keys[index] as Uint8Array;
      if (key.length !== end - from) continue;
      let same = 0;
      while (same < key.length && key[same] === bytes[from + same]) same++;
      if (same === key.length) return 1 << index;
    }
    return 0;
  }
}

function afterSpaces(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] === SPACE) at++;
  return at;
}

/** -1 if there is no plain string. */
function stringEnd(bytes: Uint8Array, from: number): number {
  if (bytes[from] !== QUOTE) return -1;
  for (let at = from + 1; ; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) return at;
    if (byte < SPACE || byte >= DELETE || byte === BACKSLASH) return -1;
  }
}
