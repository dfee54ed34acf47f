import { isUtf8 } from 'node:buffer';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type BadRow, shorten } from './bad-rows.ts';
import type { InputFile } from './input-file.ts';
import { parseRecord, readRecords, type TextRecord } from './records.ts';

/**
 * Copies the sound records of a CSV, TSV or JSON Lines file in a form that DuckDB reads without complaint, for the
 * files it refuses: mixed line ends, byte order marks, and bad rows.
 *
 * @returns the same input at its new place, its delimiter a comma.
 */
export async function copyClean(
  input: InputFile,
  path: string,
  onBadRow: (row: BadRow) => void,
): Promise<InputFile> {
  await pipeline(Readable.from(cleanRecords(input, onBadRow)), createWriteStream(path, { flags: 'wx' }));
  return { ...input, path, delimiter: input.format === 'jsonl' ? '' : ',' };
}

async function* cleanRecords(input: InputFile, onBadRow: (row: BadRow) => void): AsyncGenerator<string> {
  for await (const records of readRecords(input.path, input.delimiter)) {
    const sound = records.map((record) => {
      const parsed = check(input, record);
      if ('text' in parsed) return `${parsed.text}\n`;
      const value = shorten(record.bytes.toString('utf8'));
      onBadRow({ file: input.file, row: record.line, column: '', value, expected: parsed.expected });
      return '';
    });
    yield sound.join('');
  }
}

/** Whether the copy holds this record. Rows of the copy are found again in the original with it. */
export function isSound(input: InputFile, record: TextRecord): boolean {
  return 'text' in check(input, record);
}

function check(input: InputFile, record: TextRecord): { text: string } | { expected: string } {
  return input.format === 'jsonl' ? checkJson(record) : checkDelimited(input, record);
}

function checkJson(record: TextRecord): { text: string } | { expected: string } {
  if (!isUtf8(record.bytes)) return { expected: 'UTF-8 text' };
  const text = record.bytes.toString('utf8');
  // A blank line is no row, as for DuckDB.
  if (text.trim() === '') return { text: '' };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { text };
  } catch {
    // Told below, as for every line that is no object.
  }
  return { expected: 'one JSON object' };
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
