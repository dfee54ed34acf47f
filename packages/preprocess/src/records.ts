import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';

/** One record of a text file: a line, or several where a quoted field holds line ends. */
export interface TextRecord {
  /** Line of its first character, from 1. */
  readonly line: number;
  /** Without the line end. */
  readonly bytes: Buffer;
  /** False where a quote is opened and never closed; then the record is the one line. */
  readonly closed: boolean;
}

/** A quoted field of more is taken for a quote that was never closed. */
const MAX_RECORD_BYTES = 1 << 20;
const LF = 10;
const QUOTE = 34;
const SPACE = 32;

/**
 * Splits a text file into records, blank lines left out: in the rare case that DuckDB's reader refuses a file or a
 * row has to be found again. DuckDB reads clean files itself.
 *
 * @param delimiter - of CSV and TSV; '' where quotes mean nothing, as in JSON Lines.
 */
export async function* readRecords(path: string, delimiter: string): AsyncGenerator<TextRecord[]> {
  const scanner = new RecordScanner(delimiter);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    yield scanner.push(chunk as Buffer, false);
  }
  yield scanner.push(Buffer.alloc(0), true);
}

class RecordScanner {
  readonly #delimiter: number;
  #rest: Buffer = Buffer.alloc(0);
  #line = 1;

  constructor(delimiter: string) {
    this.#delimiter = delimiter === '' ? -1 : delimiter.charCodeAt(0);
  }

  push(chunk: Buffer, isLast: boolean): TextRecord[] {
    const buffer = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const records: TextRecord[] = [];
    let start = this.#line === 1 && buffer.subarray(0, 3).equals(byteOrderMark) ? 3 : 0;
    while (start < buffer.length) {
      const end = this.#recordEnd(buffer, start, isLast);
      if (end === undefined) break;
      const bytes = withoutReturn(buffer.subarray(start, end.at));
      if (bytes.length > 0) records.push({ line: this.#line, bytes, closed: end.closed });
      this.#line += end.lines;
      start = end.at + 1;
    }
    this.#rest = buffer.subarray(Math.min(start, buffer.length));
    return records;
  }

  /** Where the record ends, or undefined if that lies in what is still to come. */
  #recordEnd(
    buffer: Buffer,
    start: number,
    isLast: boolean,
  ): { at: number; lines: number; closed: boolean } | undefined {
    let from = start;
    let isInside = false;
    for (let lines = 1; ; lines++) {
      const found = buffer.indexOf(LF, from);
      if (found === -1 && !isLast && buffer.length - start < MAX_RECORD_BYTES) return undefined;
      const at = found === -1 ? buffer.length : found;
      isInside = this.#isInsideQuotes(buffer, from, at, isInside);
      if (!isInside) return { at, lines, closed: true };
      if (found === -1 || at - start > MAX_RECORD_BYTES) {
        const lineEnd = buffer.indexOf(LF, start);
        return { at: lineEnd === -1 ? buffer.length : lineEnd, lines: 1, closed: false };
      }
      from = at + 1;
    }
  }

  /** Whether a quoted field is open at `end`. A quote opens one only at the start of a field. */
  #isInsideQuotes(buffer: Buffer, start: number, end: number, isInside: boolean): boolean {
    if (this.#delimiter === -1) return false;
    // Within the line only: a search to the end of the buffer, line by line, made this quadratic.
    if (!buffer.subarray(start, end).includes(QUOTE)) return isInside;
    let isFieldStart = !isInside;
    let isJustClosed = false;
    for (let at = start; at < end; at++) {
      const byte = buffer[at];
      if (isInside) {
        if (byte !== QUOTE) continue;
        isInside = false;
        isJustClosed = true;
      } else if (byte === QUOTE) {
        // A second quote in a row re-opens: it stood for a quote character.
        isInside = isFieldStart || isJustClosed;
        isFieldStart = false;
      } else {
        isJustClosed = false;
        isFieldStart = byte === this.#delimiter || (isFieldStart && byte === SPACE);
      }
    }
    return isInside;
  }
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

function withoutReturn(bytes: Buffer): Buffer {
  return bytes.at(-1) === 13 ? bytes.subarray(0, -1) : bytes;
}

/** The fields of a record, null where nothing stands, and what is wrong with it. */
export interface SplitRecord {
  readonly fields: readonly (string | null)[];
  readonly problem?: string;
}

/** Splits a CSV or TSV record: `"` quotes a field, `""` within is a quote. */
export function splitFields(text: string, delimiter: string): SplitRecord {
  const fields: (string | null)[] = [];
  let at = 0;
  for (;;) {
    const quoted = quotedField(text, at);
    const end = quoted?.end ?? indexOrEnd(text, delimiter, at);
    if (quoted !== undefined && quoted.end < text.length && text[quoted.end] !== delimiter) {
      return {
        fields,
        problem: quoted.isClosed ? 'text after a closing quote' : 'a quote that is never closed',
      };
    }
    if (quoted?.isClosed === false) return { fields, problem: 'a quote that is never closed' };
    fields.push((quoted === undefined ? text.slice(at, end) : quoted.value) || null);
    if (end >= text.length) return { fields };
    at = end + 1;
  }
}

function quotedField(
  text: string,
  start: number,
): { value: string; end: number; isClosed: boolean } | undefined {
  let at = start;
  while (text[at] === ' ') at++;
  if (text[at] !== '"') return undefined;
  let value = '';
  for (;;) {
    const close = text.indexOf('"', at + 1);
    if (close === -1) return { value, end: text.length, isClosed: false };
    value += text.slice(at + 1, close);
    if (text[close + 1] !== '"') {
      let end = close + 1;
      while (text[end] === ' ') end++;
      return { value, end, isClosed: true };
    }
    value += '"';
    at = close + 1;
  }
}

function indexOrEnd(text: string, delimiter: string, from: number): number {
  const found = text.indexOf(delimiter, from);
  return found === -1 ? text.length : found;
}

/** The fields of a record as read from disk, or what is wrong with it. */
export function parseRecord(record: TextRecord, delimiter: string, columns: number): SplitRecord {
  if (!record.closed) return { fields: [], problem: 'a quote that is never closed' };
  if (!isUtf8(record.bytes)) return { fields: [], problem: 'bytes that are not UTF-8' };
  const split = splitFields(record.bytes.toString('utf8'), delimiter);
  if (split.problem !== undefined) return split;
  // One delimiter too many at the end is common and harmless; DuckDB lets it pass as well.
  const isTrailing = split.fields.length === columns + 1 && split.fields.at(-1) === null;
  if (split.fields.length === columns || isTrailing) return split;
  return { fields: [], problem: `${split.fields.length} columns instead of ${columns}` };
}
