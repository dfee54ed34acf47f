import { open, stat } from 'node:fs/promises';
import { type LoadedFile, MAX_STAMP, MIN_STAMP, MS_FROM, type ReadLog } from '../../backends/backend.ts';
import { arrayOf, fitsInMemory, numbersOf } from '../../backends/duckdb/chunk-values.ts';
import { type DuckDb, identifier, naming } from '../../backends/duckdb/duckdb.ts';
import { stampMs } from '../../backends/duckdb/duckdb-time.ts';
import { asUnreadable, isDelimited, loadedFile } from '../../backends/duckdb/read.ts';
import { isInteger, isTimestamp, openParquet, type ParquetFile } from '../../backends/duckdb/read-parquet.ts';
import { BadRowList } from '../../bad-rows.ts';
import { EventLoader } from '../../events/event-loader.ts';
import type { Integers } from '../../events/integer-index.ts';
import { memoryEvents } from '../../events/memory-events.ts';
import type { CheckedOptions, TimeUnit } from '../../options.ts';
import { type ColumnNames, columnNames } from '../columns.ts';
import type { InputFile } from '../input-file.ts';
import { BLOCK_BYTES, DelimitedLines, IntegerRows, JsonLines, type LineReader } from './line-readers.ts';

const LF = 10;
/** Rows are estimated from the first block. */
const ESTIMATE_FACTOR = 1.05;

/**
 * Reads logs that are plain throughout: integer ids, times that are integers of one unit or timestamps, rows in order of time.
 * Every other log is read by SQL.
 */
export class PlainLog {
  readonly #db: DuckDb;
  readonly #options: CheckedOptions;
  readonly #columns: ColumnNames;
  readonly #rows: IntegerRows = new IntegerRows();
  #bytes = 0;
  #bytesRead = 0;
  /** Undefined before the first time that is no timestamp, unless the options give it. */
  #unit: TimeUnit | undefined;
  loaded: EventLoader | undefined;

  private constructor(db: DuckDb, options: CheckedOptions) {
    this.#db = db;
    this.#options = options;
    this.#columns = columnNames(options);
    this.#unit = options.timeUnit;
  }

  static async open(db: DuckDb, options: CheckedOptions): Promise<PlainLog | undefined> {
    const { userColumn, testInputs, eventColumn, contextColumns, eventsField, inputs } = options;
    const log = new PlainLog(db, options);
    const { session, item, time } = log.#columns;
    const isDistinct = new Set([session, item, time]).size === 3;
    const others = [userColumn, testInputs, eventColumn, contextColumns, eventsField];
    if (others.some((other) => other !== undefined) || !isDistinct) return undefined;
    for (const file of inputs) log.#bytes += (await stat(file)).size;
    return log;
  }

  get fraction(): number {
    return Math.min(1, this.#bytesRead / Math.max(1, this.#bytes));
  }

  async read(open: (file: string, index: number) => Promise<InputFile>): Promise<ReadLog | undefined> {
    const files: LoadedFile[] = [];
    for (const [index, file] of this.#options.inputs.entries()) {
      const input = await open(file, index);
      const firstRow = files.at(-1)?.endRow ?? 0;
      const hasTimestamps = await naming(file, this.add(input));
      if (hasTimestamps === undefined) return undefined;
      const endRow = this.loaded?.length ?? 0;
      files.push(loadedFile(input, { isTest: false, firstRow, endRow, hasTimestamps }));
    }
    const timeUnit = this.#unit ?? (files.every((file) => file.hasTimestamps) ? 'iso' : undefined);
    if (this.loaded === undefined || timeUnit === undefined) return undefined;
    return { files, badRows: new BadRowList(), timeUnit, rows: [], events: memoryEvents(this.loaded, {}) };
  }

  /** @returns whether the file has timestamps; undefined if it is not plain: then the log has no further use. */
  async add(input: InputFile): Promise<boolean | undefined> {
    if (input.format !== 'parquet') {
      const reader = readerOf(input, this.#columns);
      return reader !== undefined && (await this.#read(input.path, reader)) ? false : undefined;
    }
    try {
      const parquet = await openParquet(this.#db, input, this.#columns);
      const { session, item, time } = this.#columns;
      const hasTimestamps = isTimestamp(parquet.types.get(time));
      const integers = [session, item, ...(hasTimestamps ? [] : [time])];
      if (!integers.every((name) => isInteger(parquet.types, name))) return undefined;
      const bytesPerRow = (await stat(input.path)).size / parquet.rows;
      for await (const chunk of this.#db.chunks(selectRows(parquet, this.#columns, hasTimestamps))) {
        const times = arrayOf(chunk, 2, Float64Array);
        const rows = { sessions: numbersOf(chunk, 0), items: numbersOf(chunk, 1), times };
        if (!(await this.#take(rows, bytesPerRow * times.length, hasTimestamps))) return undefined;
      }
      return hasTimestamps;
    } catch (error) {
      throw asUnreadable(input, error);
    }
  }

  async #read(path: string, reader: LineReader): Promise<boolean> {
    const rows = this.#rows;
    const handle = await open(path);
    try {
      let isHeader = reader.hasHeader;
      for (let held = 0; ; ) {
        let { bytesRead } = await handle.read(rows.bytes, held, BLOCK_BYTES);
        const isEnd = bytesRead === 0;
        if (isEnd && held === 0) return true;
        // The last line may have no end.
        if (isEnd) rows.bytes[held + bytesRead++] = LF;
        const filled = held + bytesRead;
        const end = rows.bytes.subarray(0, filled).lastIndexOf(LF) + 1;
        if (end === 0) return false;
        const start = isHeader ? rows.bytes.indexOf(LF) + 1 : 0;
        isHeader = false;
        rows.length = 0;
        if (!reader.read(rows, start, end)) return false;
        const read = {
          sessions: rows.sessions.subarray(0, rows.length),
          items: rows.items.subarray(0, rows.length),
          times: rows.times.subarray(0, rows.length),
        };
        if (!(await this.#take(read, end))) return false;
        if (isEnd) return true;
        rows.bytes.copyWithin(0, end, filled);
        held = filled - end;
      }
    } finally {
      await handle.close();
    }
  }

  /**
   * @param rows - integers; `times` in the unit of the log or, with timestamps, milliseconds, is overwritten. A row that is not
   * plain has an infinite time.
   * @returns whether the rows are plain.
   */
  async #take(
    { sessions, items, times }: { sessions: Integers; items: Integers; times: Float64Array },
    bytes: number,
    hasTimestamps = false,
  ): Promise<boolean> {
    const { length } = times;
    this.#bytesRead += bytes;
    if (length === 0) return true;
    if (!(hasTimestamps ? areStamps(times) : this.#toMs(times))) return false;
    const estimated = Math.ceil((ESTIMATE_FACTOR * this.#bytes * length) / bytes);
    const most = this.loaded?.nextCapacity(length) ?? Math.max(length, estimated);
    if (most > (this.loaded?.capacity ?? 0) && !(await fitsInMemory(this.#db, most, false))) return false;
    this.loaded ??= new EventLoader(most);
    return this.loaded.add(sessions, items, times);
  }

  /** @returns whether all times have the unit of the log. */
  #toMs(times: Float64Array): boolean {
    const first = times[0] as number;
    this.#unit ??= first < MS_FROM ? 's' : first < 1000 * MS_FROM ? 'ms' : 'us';
    if (this.#unit === 'iso') return false;
    const [isSeconds, isMicros] = [this.#unit === 's', this.#unit === 'us'];
    const from = isSeconds ? 0 : isMicros ? 1000 * MS_FROM : MS_FROM;
    const least = this.#options.timeUnit === undefined ? from : 0;
    const most = isSeconds ? MS_FROM : isMicros ? Number.MAX_SAFE_INTEGER : 1000 * MS_FROM;
    for (let at = 0; at < times.length; at++) {
      const time = times[at] as number;
      if (time < least || time >= most) return false;
      if (isSeconds) times[at] = 1000 * time;
      else if (isMicros) times[at] = (time + 500 - ((time + 500) % 1000)) / 1000;
    }
    return true;
  }
}

function areStamps(times: Float64Array): boolean {
  return times.every((time) => time >= MIN_STAMP && time <= MAX_STAMP);
}

function readerOf(input: InputFile, columns: ColumnNames): LineReader | undefined {
  if (input.format === 'jsonl') return new JsonLines(columns);
  const wanted = [columns.session, columns.item, columns.time];
  const isOnce = wanted.every((name) => input.header.filter((other) => other === name).length === 1);
  return isDelimited(input) && isOnce ? new DelimitedLines(input, columns) : undefined;
}

/** SQL: rows of integers. A row with an empty value or an infinite timestamp has an infinite time. */
function selectRows({ source }: ParquetFile, columns: ColumnNames, hasTimestamps: boolean): string {
  const [session, item] = [identifier(columns.session), identifier(columns.item)];
  const time = hasTimestamps ? stampMs(identifier(columns.time)) : identifier(columns.time);
  return `
    SELECT CAST(${session} AS BIGINT), CAST(${item} AS BIGINT),
      coalesce(
        CASE WHEN ${session} IS NOT NULL AND ${item} IS NOT NULL THEN CAST(${time} AS DOUBLE) END,
        CAST('infinity' AS DOUBLE))
    FROM ${source}`;
}
