import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

export interface TextRecord {
  readonly line: number;
  /** The record without its line end; only the start of a record that is too long. */
  readonly bytes: Buffer;
  /** Why the end of the record is unknown. The record is one line then. */
  readonly fault?: string | undefined;
}

/** A longer record is a bad row; a longer quoted field was never closed. */
export const MAX_RECORD_BYTES: number = 2 << 20;

/** DuckDB's limit of a line of JSON, which may be a whole session. */
export const MAX_JSON_BYTES: number = 16 << 20;
const OPEN_QUOTE = 'a quote that is never closed';
const LF = 10;
const QUOTE = 34;
const SPACE = 32;

/** Maximum records per block. Signals are handled between blocks. */
const BLOCK_RECORDS = 4096;

/** The records of a file that DuckDB refuses or whose lines are sought. @param delimiter - empty for JSON Lines. */
export async function* readRecords(path: string, delimiter: string): AsyncGenerator<TextRecord[]> {
  const scanner = new RecordScanner(delimiter);
  const highWaterMark = delimiter === '' ? 1 << 20 : 1 << 18;
  for await (const chunk of createReadStream(path, { highWaterMark })) {
    yield* blocksOf(scanner.push(chunk as Buffer, false));
  }
  yield* blocksOf(scanner.push(Buffer.alloc(0), true));
}

async function* blocksOf(records: TextRecord[]): AsyncGenerator<TextRecord[]> {
  for (let from = 0; from < records.length; from += BLOCK_RECORDS) {
    yield records.slice(from, from + BLOCK_RECORDS);
    await setImmediate();
  }
}

interface Line {
  readonly number: number;
  /** Positions in the file; `end` is Infinity if the line is too long, and `bytes` only its start. */
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
}

/**
 * Finds records in linear time. An open quoted field closes in the first later line that, read from inside quotes, ends outside
 * of them; each line is tried once.
 */
export class RecordScanner {
  readonly #delimiter: number;
  readonly #maxBytes: number;
  /** The line that has not ended, from `#at` on in the file. */
  #rest: Buffer = Buffer.alloc(0);
  #at = 0;
  #number = 1;
  /** Whether the line that has not ended is too long, and already among the lines. */
  #isSkipping = false;
  #lines: Line[] = [];
  /** No line from the second of a record up to this one closes a quoted field. */
  #closeFrom = 0;

  constructor(delimiter: string, maxBytes: number = delimiter === '' ? MAX_JSON_BYTES : MAX_RECORD_BYTES) {
    this.#delimiter = delimiter === '' ? -1 : delimiter.charCodeAt(0);
    this.#maxBytes = maxBytes;
  }

  /** @returns the records that end in the bytes so far; all if these are the last bytes. */
  push(chunk: Buffer, isLast: boolean): TextRecord[] {
    const buffer = Buffer.concat([this.#rest, chunk]);
    let start = this.#at === 0 && buffer.subarray(0, 3).equals(byteOrderMark) ? 3 : 0;
    for (let end = buffer.indexOf(LF, start); end !== -1; end = buffer.indexOf(LF, start)) {
      this.#addLine(buffer, start, end);
      this.#isSkipping = false;
      this.#number++;
      start = end + 1;
    }
    const isLong = buffer.length - start > this.#maxBytes;
    if (isLong || (isLast && start < buffer.length)) this.#addLine(buffer, start, buffer.length);
    this.#isSkipping ||= isLong;
    this.#rest = this.#isSkipping ? Buffer.alloc(0) : buffer.subarray(start);
    this.#at += buffer.length - this.#rest.length;
    return this.#takeRecords(isLast);
  }

  #addLine(buffer: Buffer, from: number, to: number): void {
    if (this.#isSkipping) return;
    const isLong = to - from > this.#maxBytes;
    const end = isLong ? Number.POSITIVE_INFINITY : this.#at + to;
    this.#lines.push({
      number: this.#number,
      start: this.#at + from,
      end,
      bytes: buffer.subarray(from, to),
    });
  }

  #takeRecords(isLast: boolean): TextRecord[] {
    const records: TextRecord[] = [];
    let first = 0;
    while (first < this.#lines.length) {
      const record = this.#recordAt(first, isLast);
      if (record === undefined) break;
      const { last, fault } = record;
      const pieces = this.#lines.slice(first, last + 1).map((line) => line.bytes);
      const bytes = withoutReturn(pieces.length === 1 ? (pieces[0] as Buffer) : joined(pieces));
      const line = this.#lines[first]?.number ?? 0;
      if (bytes.length > 0) records.push({ line, bytes, fault });
      first = last + 1;
    }
    this.#lines = this.#lines.slice(first);
    this.#closeFrom -= first;
    return records;
  }

  /** @returns its last line; undefined if that is not among the lines. */
  #recordAt(first: number, isLast: boolean): { last: number; fault?: string } | undefined {
    const { start, end, bytes } = this.#lines[first] as Line;
    if (end - start > this.#maxBytes) return { last: first, fault: `more than ${this.#maxBytes >> 20} MiB` };
    if (!this.#isInsideQuotes(bytes, false)) return { last: first };
    let last = Math.max(first + 1, this.#closeFrom);
    const limit = start + this.#maxBytes;
    while (this.#isOpenAfter(last, limit)) last++;
    this.#closeFrom = last;
    const closing = this.#lines[last];
    if (closing !== undefined && closing.end <= limit) return { last };
    return closing !== undefined || isLast ? { last: first, fault: OPEN_QUOTE } : undefined;
  }

  #isOpenAfter(index: number, limit: number): boolean {
    const line = this.#lines[index];
    return line !== undefined && line.end <= limit && this.#isInsideQuotes(line.bytes, true);
  }

  /** After a line. Only a quote at the start of a field opens one. */
  #isInsideQuotes(line: Buffer, wasInside: boolean): boolean {
    if (this.#delimiter === -1) return false;
    let isInside = wasInside;
    if (!line.includes(QUOTE)) return isInside;
    let isFieldStart = !isInside;
    let isJustClosed = false;
    for (const byte of line) {
      if (isInside) {
        if (byte !== QUOTE) continue;
        isInside = false;
        isJustClosed = true;
      } else if (byte === QUOTE) {
        // Two quotes in a row are a quote character, so the field is still open.
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
const lineFeed = Buffer.from([LF]);

function joined(lines: readonly Buffer[]): Buffer {
  return Buffer.concat(lines.flatMap((line) => [line, lineFeed])).subarray(0, -1);
}

function withoutReturn(bytes: Buffer): Buffer {
  return bytes.at(-1) === 13 ? bytes.subarray(0, -1) : bytes;
}

export interface SplitRecord {
  readonly fields: readonly (string | null)[];
  readonly problem?: string | undefined;
}

/** `"` quotes a field, `""` in it is a quote. */
export function splitFields(text: string, delimiter: string): SplitRecord {
  const fields: (string | null)[] = [];
  let at = 0;
  for (;;) {
    const quoted = quotedField(text, at);
    const end = quoted?.end ?? indexOrEnd(text, delimiter, at);
    if (quoted !== undefined && quoted.end < text.length && text[quoted.end] !== delimiter) {
      return {
        fields,
        problem: quoted.isClosed ? 'text after a closing quote' : OPEN_QUOTE,
      };
    }
    if (quoted?.isClosed === false) return { fields, problem: OPEN_QUOTE };
    const value = quoted === undefined ? text.slice(at, end) : quoted.value;
    if (quoted === undefined && value.includes('\r')) {
      return { fields, problem: 'a carriage return that ends no line' };
    }
    fields.push(value || null);
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
  const end = text.indexOf(delimiter, from);
  return end === -1 ? text.length : end;
}

export function parseRecord(record: TextRecord, delimiter: string, columns: number): SplitRecord {
  if (record.fault !== undefined) return { fields: [], problem: record.fault };
  const split = parseHeader(record.bytes, delimiter);
  if (split.problem !== undefined) return split;
  // A trailing delimiter is common and harmless; DuckDB accepts it too.
  const isTrailing = split.fields.length === columns + 1 && split.fields.at(-1) === null;
  if (split.fields.length === columns || isTrailing) return split;
  return { fields: [], problem: `${split.fields.length} columns instead of ${columns}` };
}

export function parseHeader(bytes: Buffer, delimiter: string): SplitRecord {
  if (!isUtf8(bytes)) return { fields: [], problem: 'bytes that are not UTF-8' };
  if (bytes.includes(0)) return { fields: [], problem: 'a NUL character' };
  return splitFields(bytes.toString('utf8'), delimiter);
}
