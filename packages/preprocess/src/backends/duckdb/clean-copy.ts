import { isUtf8 } from 'node:buffer';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { shorten } from '@gru4rec/checks';
import type { BadRow } from '../../bad-rows.ts';
import type { InputFile } from '../../input/input-file.ts';
import { DELETION, parseRecord, readRecords, type TextRecord } from '../../input/records.ts';
import type { LoadedFile } from '../backend.ts';

export function loadedFile(
  input: InputFile,
  loaded: Pick<LoadedFile, 'isTest' | 'firstRow' | 'endRow' | 'hasTimestamps'>,
): LoadedFile {
  const { firstRow, endRow } = loaded;
  return {
    ...loaded,
    file: input.file,
    format: input.format,
    rows: endRow - firstRow,
    locate: (rows) =>
      locateRows(
        input,
        rows.map(({ pos, record }) => record ?? pos - firstRow),
      ),
  };
}

/** @param ordinals - indices from 0, ascending, without header and blank lines. */
async function locateRows(input: InputFile, ordinals: readonly number[]): Promise<number[]> {
  if (input.format === 'parquet' || input.format === 'arrow') return ordinals.map((ordinal) => ordinal + 1);
  const lines: number[] = [];
  let ordinal = input.format === 'jsonl' ? 0 : -1;
  for await (const records of readRecords(input.path, input.delimiter)) {
    for (const record of records) {
      // DuckDB counts neither empty lines nor, in JSON Lines, lines of only blanks.
      if ((input.format === 'jsonl' && isBlankLine(record.bytes)) || !isSound(input, record)) continue;
      while (ordinals[lines.length] === ordinal) lines.push(record.line);
      if (lines.length === ordinals.length) return lines;
      ordinal++;
    }
  }
  return lines;
}

/** Maximum bytes of 101 characters. */
const SHOWN_BYTES = 404;

/**
 * Copies the valid records in a form that DuckDB reads without errors, of files that it refuses or would read
 * differently: mixed line ends, byte order marks, bad rows. @returns the input with the path of the copy and
 * commas as delimiter.
 */
export async function copyClean(
  input: InputFile,
  path: string,
  onBadRow: (row: BadRow) => void,
): Promise<InputFile> {
  await pipeline(Readable.from(cleanRecords(input, onBadRow)), createWriteStream(path, { flags: 'wx' }));
  return { ...input, path, delimiter: input.format === 'jsonl' ? '' : ',', isClean: true };
}

async function* cleanRecords(input: InputFile, onBadRow: (row: BadRow) => void): AsyncGenerator<string> {
  for await (const records of readRecords(input.path, input.delimiter)) {
    const sound = records.map((record) => {
      const parsed = check(input, record);
      if ('text' in parsed) return `${parsed.text}\n`;
      // Copies only the shown part: a substring would keep the whole string in memory.
      const value = shorten(record.bytes.subarray(0, SHOWN_BYTES).toString('utf8'));
      onBadRow({ file: input.file, row: record.line, column: '', value, expected: parsed.expected });
      return '';
    });
    yield sound.join('');
  }
}

/** Also used to map rows of the copy to lines of the original. */
function isSound(input: InputFile, record: TextRecord): boolean {
  return 'text' in check(input, record);
}

const isDeletion = new RegExp(`^${DELETION}$`);

/** By DuckDB's rules, or a deletion: no row is read from it. */
function isBlankLine(bytes: Buffer): boolean {
  return (
    bytes.every((byte) => byte === 32 || byte === 9 || byte === 13) ||
    (bytes.length < 200 && isDeletion.test(bytes.toString('latin1')))
  );
}

function check(input: InputFile, record: TextRecord): { text: string } | { expected: string } {
  return input.format === 'jsonl' ? checkJson(record) : checkDelimited(input, record);
}

function checkJson(record: TextRecord): { text: string } | { expected: string } {
  if (record.fault !== undefined) return { expected: `one JSON object, found ${record.fault}` };
  if (!isUtf8(record.bytes)) return { expected: 'UTF-8 text' };
  if (isBlankLine(record.bytes)) return { text: '' };
  const text = record.bytes.toString('utf8');
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { expected: 'one JSON object' };
  }
  if (text.includes('\\') && hasHalfCharacter(value)) {
    return { expected: 'one JSON object, found half of a surrogate pair' };
  }
  return { text };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether a string in it has an unpaired surrogate, which UTF-8 cannot encode. JSON.stringify escapes only those. */
function hasHalfCharacter(value: unknown): boolean {
  try {
    return /(?<!\\)(?:\\\\)*\\ud[89a-f]/.test(JSON.stringify(value));
  } catch {
    // Nested too deep for JSON.stringify: DuckDB decides.
    return false;
  }
}

function checkDelimited(input: InputFile, record: TextRecord): { text: string } | { expected: string } {
  const columns = input.header.length;
  const { fields, problem } = parseRecord(record, input.delimiter, columns);
  if (problem !== undefined) return { expected: `${columns} columns in UTF-8, found ${problem}` };
  return { text: fields.slice(0, columns).map(csvField).join(',') };
}

function csvField(field: string | null): string {
  return field === null ? '' : `"${field.replaceAll('"', '""')}"`;
}
