import { isUtf8 } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import type { TimeUnit } from '../../src/index.ts';
import type { LogEvent } from '../oracle.ts';
import { plainNumber } from '../plain-number.ts';
import { guessTime } from './strict-time.ts';

export interface Row {
  readonly session: string;
  readonly item: string;
  readonly time: string;
}

class Refusal extends Error {}

const COLUMNS = ['SessionId', 'ItemId', 'Time'] as const;

/**
 * Reads the events of a CSV, TSV or JSON Lines file strictly with csv-parse and JSON.parse.
 *
 * @returns the events; undefined if the file is damaged.
 */
export function readStrictly(bytes: Buffer): readonly LogEvent[] | undefined {
  const rows = readRows(bytes);
  const times = rows?.map(({ time }) => guessTime(time));
  if (rows === undefined || times === undefined || rows.length === 0) return undefined;
  const counts = new Map<TimeUnit, number>();
  for (const time of times) if (time !== undefined) counts.set(time.unit, (counts.get(time.unit) ?? 0) + 1);
  if (counts.size !== 1 || times.includes(undefined)) return undefined;
  return rows.map(({ session, item }, index) => ({ session, item, ms: times[index]?.ms ?? Number.NaN }));
}

/** Reads the rows without checking times; undefined if a row is damaged. */
export function readRows(bytes: Buffer): readonly Row[] | undefined {
  try {
    return rowsOf(bytes);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function rowsOf(packed: Buffer): readonly Row[] {
  const text = decode(packed[0] === 0x1f && packed[1] === 0x8b ? unpack(packed) : packed);
  if (text.trimStart().startsWith('{')) return text.split('\n').flatMap(jsonRow);
  if (text.trimStart().startsWith('[')) throw new Refusal('a list');
  return delimitedRows(text);
}

function unpack(packed: Buffer): Buffer {
  try {
    // The types lack the option `info`, which also returns the engine with its count of consumed bytes.
    const { buffer, engine } = gunzipSync(packed, { info: true }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    if (engine.bytesWritten === packed.length) return buffer;
  } catch {}
  throw new Refusal('gzip');
}

function decode(bytes: Buffer): string {
  if (bytes.includes(0) || !isUtf8(bytes)) throw new Refusal('encoding');
  return bytes.toString('utf8').replace(/^\ufeff/, '');
}

function delimitedRows(given: string): readonly Row[] {
  const text = given.endsWith('\r') ? given.slice(0, -1) : given;
  if (/^\r?\n/.test(text)) throw new Refusal('header');
  const [first] = text.split('\n', 1);
  const delimiter = first.includes('\t') ? '\t' : !first.includes(',') && first.includes(';') ? ';' : ',';
  const [header = [], ...records] = parseDelimited(text, delimiter);
  if (header.join('').includes('\n')) throw new Refusal('header of several lines');
  const places = COLUMNS.map((name) => header.indexOf(name));
  if (COLUMNS.some((name) => header.filter((other) => other === name).length !== 1))
    throw new Refusal('columns');
  return records.map((record) => {
    const isTrailing = record.length === header.length + 1 && record.at(-1) === '';
    if (record.length !== header.length && !isTrailing) throw new Refusal('columns of a row');
    return rowOf(places.map((at) => record[at]));
  });
}

function parseDelimited(text: string, delimiter: string): string[][] {
  try {
    return parse(text, {
      delimiter,
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      // Quotes within an unquoted field are characters; csv-parse refuses text after a closing quote first.
      relax_quotes: true,
      skip_empty_lines: true,
      cast: (value, { quoting }) => {
        if (!quoting && value.includes('\r')) throw new Refusal('carriage return');
        return value;
      },
    });
  } catch {
    throw new Refusal('csv');
  }
}

function jsonRow(line: string): Row[] {
  if (/^[ \t\r]*$/.test(line)) return [];
  const value = parseJson(line);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Refusal('no object');
  return [rowOf(COLUMNS.map((key) => scalarOf((value as Record<string, unknown>)[key])))];
}

/** Marks the digits of a number, because a double would change them. */
const NUMBER_MARK = '\ue000';

/** Parses JSON with numbers as texts behind the mark. */
function parseJson(line: string): unknown {
  try {
    JSON.parse(line);
  } catch {
    throw new Refusal('json');
  }
  return JSON.parse(
    line.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
      token.startsWith('"') ? token : `"${NUMBER_MARK}${token}"`,
    ),
  );
}

function scalarOf(value: unknown): string {
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'string' || /\p{Surrogate}/u.test(value)) throw new Refusal('no scalar');
  if (!value.startsWith(NUMBER_MARK)) return value;
  const digits = value.slice(1);
  if (/^-?[1-9]\d*$/.test(digits) || !Number.isFinite(Number(digits))) return digits;
  return plainNumber(Number(digits));
}

function rowOf([session, item, time]: readonly string[]): Row {
  if ([session, item, time].includes('')) throw new Refusal('nothing');
  return { session, item, time };
}

/**
 * True if, by a rule of the README, prepare reads a text differently from csv-parse and JSON.parse: blanks beside a
 * quote, a repeated key, and errors where they are lenient.
 */
export function isReadOtherwise(text: Buffer, message: string): boolean {
  if (/found text after a closing quote/.test(message)) return true;
  return /(^|[,;\t\n]) +"|" +([,;\t\r\n]|$)|"(SessionId|ItemId|Time)" *:.*"\3" *:/.test(
    text.toString('latin1'),
  );
}
