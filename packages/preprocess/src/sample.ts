import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArrowBatches } from '@gru4rec/dataset/arrow';
import { DuckDb, naming, parquetSource } from './backends/duckdb/duckdb.ts';
import { isNoClick } from './input/event-log.ts';
import { type InputFile, MAX_COLUMNS, openInput } from './input/input-file.ts';
import { parseRecord, readRecords } from './input/records.ts';
import { checkPrepare } from './options.ts';
import { listInputs } from './prepare.ts';

type Values = Readonly<Record<string, unknown>>;

/** The first rows of a log. */
export interface LogSample {
  readonly columns: readonly string[];
  /** Texts by column; none if empty. A line that is no row has none. */
  readonly rows: readonly Readonly<Record<string, string>>[];
  /** Estimated share of the log that the rows are. */
  readonly share: number;
  readonly files: number;
  /** JSON Lines with one session per line: the field that lists its events. */
  readonly events: string | undefined;
}

const MOST_BYTES = 4 << 20;
const MOST_VALUES = 400_000;
const MOST_FILES = 10;

/**
 * Reads the first rows of a log of any format; of many files, of some at equal distances.
 * @param field - of JSON Lines, the one that lists events; by default the first that lists objects.
 */
export async function sampleLog(inputs: readonly string[], field?: string): Promise<LogSample> {
  const files = await listInputs(inputs);
  const chosen = files.filter((_, at) => at % Math.ceil(files.length / MOST_FILES) === 0);
  const scratch = await mkdtemp(join(tmpdir(), 'gru4rec-sample-'));
  const db = await DuckDb.open({ directory: scratch, files: chosen });
  const records: Values[] = [];
  let share = 0;
  try {
    for (const file of chosen) {
      const folder = await mkdtemp(join(scratch, 'file-'));
      const input = await openInput(file, folder, checkPrepare({ inputs: files, output: folder }));
      share += await naming(file, addStart(records, db, input, 1 / chosen.length));
    }
  } finally {
    db.close();
    await rm(scratch, { recursive: true, force: true });
  }
  return { ...flattened(records, field), share: share / files.length, files: files.length };
}

function flattened(records: readonly Values[], field?: string): Omit<LogSample, 'share' | 'files'> {
  const events = field ?? Object.keys(records[0] ?? {}).find((name) => isEvents(records[0]?.[name]));
  const rows = records.flatMap((record) => {
    const listed = events === undefined ? undefined : record[events];
    return isEvents(listed) ? listed.map((event) => textsOf({ ...record, ...event })) : textsOf(record);
  });
  const columns = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) columns.add(name);
  return { columns: [...columns], rows, events };
}

function isEvents(value: unknown): value is readonly Values[] {
  return (
    Array.isArray(value) && value.length > 0 && value.every((event) => event && typeof event === 'object')
  );
}

function textsOf(record: Values): Record<string, string> {
  const plain = Object.entries(record).filter(([, value]) => typeof value !== 'object' && value !== '');
  return Object.fromEntries(plain.map(([name, value]) => [name, String(value)]));
}

/** @param part - of the sample that this file may be. @returns the share of the file that was read. */
async function addStart(records: Values[], db: DuckDb, input: InputFile, part: number): Promise<number> {
  const { path, format, delimiter, header } = input;
  if (format === 'parquet') return addParquet(records, db, path, part);
  const { size } = await stat(path);
  let [bytes, isHeader] = [0, format !== 'jsonl'];
  if (format === 'arrow') {
    const file = await open(path);
    try {
      for await (const batch of readArrowBatches(file, { maxFields: MAX_COLUMNS })) {
        for (const row of batch) records.push(row.toJSON());
        bytes += batch.data.byteLength;
        if (bytes > MOST_BYTES * part) return Math.min(1, bytes / size);
      }
      return 1;
    } finally {
      await file.close();
    }
  }
  for await (const block of readRecords(path, delimiter)) {
    for (const record of block) {
      if (bytes > MOST_BYTES * part) return bytes / size;
      bytes += record.bytes.length + 1;
      const text = record.bytes
        .toString('utf8')
        .replace(/^\ufeff/, '')
        .trim();
      if (text === '' || isHeader || isNoClick.test(text)) isHeader = false;
      else if (format === 'jsonl') records.push(parsed(text));
      else {
        const { fields } = parseRecord(record, delimiter, header.length);
        records.push(Object.fromEntries(header.map((name, at) => [name, fields[at] ?? null])));
      }
    }
  }
  return 1;
}

function parsed(text: string): Values {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

async function addParquet(records: Values[], db: DuckDb, path: string, part: number): Promise<number> {
  const source = parquetSource(path);
  const { width = 1 } = await db.numbers(`SELECT count(*) AS width FROM (DESCRIBE SELECT * FROM ${source})`);
  const { total = 0 } = await db.numbers(`SELECT count(*) AS total FROM ${source}`);
  const most = Math.ceil((MOST_VALUES * part) / width);
  const rows = await db.rows(`SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ${source} LIMIT ${most}`);
  for (const row of rows) records.push(row);
  return rows.length / total;
}
