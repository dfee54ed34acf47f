import type { ColumnNames } from '../columns.ts';
import type { IntegerRows, LineReader } from './integer-rows.ts';

const [LF, SPACE, QUOTE, COMMA, COLON, BACKSLASH, OPEN, CLOSE, DELETE] = [
  10, 32, 34, 44, 58, 92, 123, 125, 127,
] as const;
const [SESSION, ITEM, TIME, ALL] = [1, 2, 4, 7] as const;

/**
 * Reads JSON Lines of flat objects, in which ids and times are plain integers, as numbers or strings, and other values are
 * plain integers or strings. Strings are ASCII without escapes.
 */
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

  /** @returns the start of the next line, or -1. */
  #readLine(rows: IntegerRows, from: number): number {
    const { bytes } = rows;
    if (bytes[from] !== OPEN) return -1;
    let found = 0;
    for (let at = from + 1; ; at++) {
      at = afterSpaces(bytes, at);
      const keyEnd = stringEnd(bytes, at);
      if (keyEnd === -1) return -1;
      const kind = this.#kindOf(bytes, at + 1, keyEnd);
      at = afterSpaces(bytes, keyEnd + 1);
      if (bytes[at] !== COLON || (found & kind) !== 0) return -1;
      at = this.#readValue(rows, afterSpaces(bytes, at + 1), kind);
      if (at === -1) return -1;
      found |= kind;
      at = afterSpaces(bytes, at);
      if (bytes[at] === COMMA) continue;
      return bytes[at] === CLOSE && bytes[at + 1] === LF && found === ALL ? at + 2 : -1;
    }
  }

  /** @returns the end of the value, or -1. */
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

  /** Which of the keys to read it is, as a bit; 0 if none. */
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

/** The closing quote of a plain string, or -1. */
function stringEnd(bytes: Uint8Array, from: number): number {
  if (bytes[from] !== QUOTE) return -1;
  for (let at = from + 1; ; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) return at;
    if (byte < SPACE || byte >= DELETE || byte === BACKSLASH) return -1;
  }
}
