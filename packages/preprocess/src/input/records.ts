import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

/** One record of a text file: a line, or several where a quoted field holds line ends. */
export interface TextRecord {
  /** Line of its first character, from 1. */
  readonly line: number;
  /** Without the line end; of a record that is too long, the beginning. */
  readonly bytes: Buffer;
  /** Why it cannot be told where it ends; then the record is the one line. */
  readonly fault?: string;
}

/** A longer record is a bad row; a quoted field that makes it so is taken for a quote that was never closed. */
export const MAX_RECORD_BYTES: number = 2 << 20;
/** The same of a line of JSON, which may be a whole session. DuckDB's own limit. */
export const MAX_JSON_BYTES: number = 16 << 20;
const OPEN_QUOTE = 'a quote that is never closed';
const LF = 10;
const QUOTE = 34;
const SPACE = 32;

/** Of short lines, this many come at once: signals are heard between two blocks. */
const BLOCK_RECORDS = 4096;

/**
 * Splits a text file into records, blank lines left out: in the rare case that DuckDB's reader refuses a file or a
 * row has to be found again. DuckDB reads clean files itself.
 *
 * @param delimiter - of CSV and TSV; '' where quotes mean nothing, as in JSON Lines.
 */
export async function* readRecords(path: string, delimiter: string): AsyncGenerator<TextRecord[]> {
  const scanner = new RecordScanner(delimiter);
  // A chunk is split at once; what is left of it, a record at most, is put before the next one.
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

/** Where a record ends, of how many lines it is, and what is wrong with it. */
interface RecordEnd {
  readonly at: number;
  readonly lines: number;
  readonly fault?: string;
}

/**
 * Finds records in time linear in the bytes, whatever they are. A quoted field that is open at a line's end closes in
 * the first later line that leaves quotes when it is read from inside. Which line that is does not depend on where
 * the field was opened, so it is looked for once, also where many records in a row are cut at their first line.
 */
export class RecordScanner {
  readonly #delimiter: number;
  readonly #maxBytes: number;
  #rest: Buffer = Buffer.alloc(0);
  #line = 1;
  #isSkipping = false;
  #isFirst = true;
  /** The record's first line does not end before this place. */
  #endFrom = 0;
  /** Start of a line: none before it, from the record's second line on, closes a quoted field. */
  #closeFrom = 0;
  /** Number of the line at `#closeFrom`, which does not end before `#closeEndFrom`. */
  #closeLine = 1;
  #closeEndFrom = 0;
  #bytesRead = 0;

  /** @param maxBytes - of a record. */
  constructor(delimiter: string, maxBytes: number = delimiter === '' ? MAX_JSON_BYTES : MAX_RECORD_BYTES) {
    this.#delimiter = delimiter === '' ? -1 : delimiter.charCodeAt(0);
    this.#maxBytes = maxBytes;
  }

  /** Bytes that were looked at, each as often as it was. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** @returns the records that end in the bytes so far; with the last bytes, all. */
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

  /** Behind a byte order mark, and behind what is left of a line that was too long. */
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

  /** Where the record ends, or undefined if that lies in what is still to come. */
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

  /**
   * The end of the first line that closes a quoted field.
   *
   * @param from - start of the record's second line.
   * @param limit - the record ends here at the latest.
   */
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

  /** The end of a line, which the end of the file is too, if it is at `limit` at most. */
  #lineEnd(buffer: Buffer, from: number, limit: number, isLast: boolean): number | undefined {
    const end = Math.min(limit + 1, buffer.length);
    const found = buffer.subarray(from, end).indexOf(LF);
    this.#bytesRead += found === -1 ? Math.max(0, end - from) : found;
    if (found !== -1) return from + found;
    return isLast && buffer.length <= limit ? buffer.length : undefined;
  }

  /** Whether a quoted field is open at `end`. A quote opens one only at the start of a field. */
  #isInsideQuotes(buffer: Buffer, start: number, end: number, isInside: boolean): boolean {
    if (this.#delimiter === -1) return false;
    this.#bytesRead += end - start;
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

/** The fields of a record as read from disk, or what is wrong with it. */
export function parseRecord(record: TextRecord, delimiter: string, columns: number): SplitRecord {
  if (record.fault !== undefined) return { fields: [], problem: record.fault };
  const split = parseHeader(record.bytes, delimiter);
  if (split.problem !== undefined) return split;
  // One delimiter too many at the end is common and harmless; DuckDB lets it pass as well.
  const isTrailing = split.fields.length === columns + 1 && split.fields.at(-1) === null;
  if (split.fields.length === columns || isTrailing) return split;
  return { fields: [], problem: `${split.fields.length} columns instead of ${columns}` };
}

/** The fields of a line, however many, or what is wrong with it. */
export function parseHeader(bytes: Buffer, delimiter: string): SplitRecord {
  if (!isUtf8(bytes)) return { fields: [], problem: 'bytes that are not UTF-8' };
  if (bytes.includes(0)) return { fields: [], problem: 'a NUL character' };
  return splitFields(bytes.toString('utf8'), delimiter);
}
