import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

/** One record of a text file: one line, or several if a quoted field contains line ends. */
export interface TextRecord {
  /** From 1. */
  readonly line: number;
  /** The record without its line end; only the start of a record that is too long. */
  readonly bytes: Buffer;
  /** Why the end of the record is unknown. The record is one line then. */
  readonly fault?: string;
}

/** Maximum bytes of a record; longer ones are bad rows. A longer quoted field counts as a quote that was never closed. */
export const MAX_RECORD_BYTES: number = 2 << 20;
/** A line by which an event log of `serve` forgets a session. It is no event. */
export const DELETION = '[{]"Deleted":"[0-9a-f]{64}","Time":"[^"]*"[}]';

/** Maximum bytes of a line of JSON, which may be a whole session. DuckDB has the same limit. */
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
  // The rest of a chunk, at most one record, is put before the next chunk.
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

interface RecordEnd {
  readonly at: number;
  readonly lines: number;
  readonly fault?: string;
}

/**
 * Finds records in linear time, for any content. An open quoted field closes in the first later line that, read
 * from inside quotes, ends outside of them. That line does not depend on where the field was opened, so it is
 * searched only once.
 */
export class RecordScanner {
  readonly #delimiter: number;
  readonly #maxBytes: number;
  #rest: Buffer = Buffer.alloc(0);
  #line = 1;
  #isSkipping = false;
  #isFirst = true;
  #endFrom = 0;
  /** Start of a line. No line between the second of the record and this one closes a quoted field. */
  #closeFrom = 0;
  /** Number of the line at `#closeFrom`. The line does not end before `#closeEndFrom`. */
  #closeLine = 1;
  #closeEndFrom = 0;
  #bytesRead = 0;

  constructor(delimiter: string, maxBytes: number = delimiter === '' ? MAX_JSON_BYTES : MAX_RECORD_BYTES) {
    this.#delimiter = delimiter === '' ? -1 : delimiter.charCodeAt(0);
    this.#maxBytes = maxBytes;
  }

  /** For tests of linear time. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** @returns the records that end in the bytes so far; all if these are the last bytes. */
  push(chunk: Buffer, isLast: boolean): TextRecord[] {
    const buffer = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#bytesRead += buffer.length;
    const records: TextRecord[] = [];
    let start = this.#startOf(buffer);
    while (start < buffer.length) {
      const end = this.#recordEnd(buffer, start, isLast);
      if (end === undefined) break;
      const { at, lines, fault } = end;
      const bytes = withoutReturn(buffer.subarray(start, at));
      if (bytes.length > 0) records.push({ line: this.#line, bytes, ...(fault !== undefined && { fault }) });
      this.#line += lines;
      this.#isSkipping = at === buffer.length;
      start = at + 1;
    }
    this.#keepFrom(buffer, Math.min(start, buffer.length));
    return records;
  }

  #keepFrom(buffer: Buffer, start: number): void {
    this.#rest = buffer.subarray(start);
    this.#endFrom -= start;
    this.#closeFrom -= start;
    this.#closeEndFrom -= start;
  }

  /** Skips a byte order mark, and the rest of a line that was too long. */
  #startOf(buffer: Buffer): number {
    if (this.#isSkipping) {
      const found = buffer.indexOf(LF);
      this.#isSkipping = found === -1;
      return found === -1 ? buffer.length : found + 1;
    }
    const isMarked = this.#isFirst && buffer.subarray(0, 3).equals(byteOrderMark);
    this.#isFirst = false;
    return isMarked ? 3 : 0;
  }

  /** Undefined if it is not in the bytes so far. */
  #recordEnd(buffer: Buffer, start: number, isLast: boolean): RecordEnd | undefined {
    const limit = start + this.#maxBytes;
    const from = Math.max(start, this.#endFrom);
    const at = this.#lineEnd(buffer, from, limit, isLast);
    if (at === undefined) {
      if (buffer.length <= limit) {
        this.#endFrom = buffer.length;
        return undefined;
      }
      const end = this.#lineEnd(buffer, from, Number.POSITIVE_INFINITY, true) ?? buffer.length;
      return { at: end, lines: 1, fault: `more than ${this.#maxBytes >> 20} MiB` };
    }
    if (!this.#isInsideQuotes(buffer, start, at, false)) return { at, lines: 1 };
    const close = this.#closingLine(buffer, { from: at + 1, limit, isLast });
    return close === 'none' ? { at, lines: 1, fault: OPEN_QUOTE } : close;
  }

  /** @param from - start of the record's second line. */
  #closingLine(
    buffer: Buffer,
    { from, limit, isLast }: { from: number; limit: number; isLast: boolean },
  ): RecordEnd | 'none' | undefined {
    if (this.#closeFrom < from) this.#lookFrom(from, this.#line + 1);
    while (this.#closeFrom <= buffer.length) {
      const at = this.#lineEnd(buffer, this.#closeEndFrom, limit, isLast);
      if (at === undefined) {
        this.#closeEndFrom = Math.max(this.#closeEndFrom, Math.min(limit + 1, buffer.length));
        return buffer.length > limit ? 'none' : undefined;
      }
      if (!this.#isInsideQuotes(buffer, this.#closeFrom, at, true)) {
        return { at, lines: this.#closeLine - this.#line + 1 };
      }
      this.#lookFrom(at + 1, this.#closeLine + 1);
    }
    return isLast ? 'none' : undefined;
  }

  #lookFrom(lineStart: number, line: number): void {
    this.#closeFrom = lineStart;
    this.#closeEndFrom = lineStart;
    this.#closeLine = line;
  }

  /** Also the end of the file; undefined if it is after `limit`. */
  #lineEnd(buffer: Buffer, from: number, limit: number, isLast: boolean): number | undefined {
    const end = Math.min(limit + 1, buffer.length);
    const found = buffer.subarray(from, end).indexOf(LF);
    this.#bytesRead += found === -1 ? Math.max(0, end - from) : found;
    if (found !== -1) return from + found;
    return isLast && buffer.length <= limit ? buffer.length : undefined;
  }

  /** Only a quote at the start of a field opens one. */
  #isInsideQuotes(buffer: Buffer, start: number, end: number, isInside: boolean): boolean {
    if (this.#delimiter === -1) return false;
    this.#bytesRead += end - start;
    // Searches only in the line: searching to the end of the buffer for every line would take quadratic time.
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

function withoutReturn(bytes: Buffer): Buffer {
  return bytes.at(-1) === 13 ? bytes.subarray(0, -1) : bytes;
}

export interface SplitRecord {
  readonly fields: readonly (string | null)[];
  readonly problem?: string;
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
  const found = text.indexOf(delimiter, from);
  return found === -1 ? text.length : found;
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
