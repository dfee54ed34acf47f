import { open } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { DOUBLE, type DuckDBAppender, DuckDBDataChunk, FLOAT, VARCHAR } from '@duckdb/node-api';
import { ArrowError, readArrowBatches } from '@gru4rec/dataset/arrow';
import { type Data, DataType, type RecordBatch, type Schema, type Vector } from 'apache-arrow';
import {
  allColumns,
  type ColumnNames,
  checkColumns,
  contextText,
  notPlainColumn,
  numberText,
} from '../../input/columns.ts';
import { type InputFile, MAX_COLUMNS } from '../../input/input-file.ts';
import { type ArrowColumnType, columnTypeOf, columnValues, type ValueAt } from './arrow-values.ts';
import { type DuckDb, MAX_CHUNK_ROWS } from './duckdb.ts';
import type { RawTable } from './raw-table.ts';

/** Indices of the time, and of the event type if there is one, among the columns to read. */
const [TIME, TYPE] = [2, 3] as const;

const duckDbTypes = { VARCHAR, FLOAT, DOUBLE } as const;
/** Rows that are collected before they are cast to text, because batches may be small. */
const STAGED_ROWS = 200_000;

export async function loadArrow(
  db: DuckDb,
  input: InputFile,
  columns: ColumnNames,
  raw: RawTable,
): Promise<boolean> {
  const file = await open(input.path);
  try {
    const staging = new Staging(db, input, columns, raw);
    const onSchema = (schema: Schema) => staging.start(schema);
    for await (const batch of readArrowBatches(file, { maxFields: MAX_COLUMNS, onSchema })) {
      await staging.append(batch);
    }
    await staging.finish();
    return staging.hasTimestamps;
  } finally {
    await file.close();
  }
}

/** Table `arrow`: the columns to read, with types that DuckDB casts like those of a Parquet file. */
class Staging {
  readonly #db: DuckDb;
  readonly #input: InputFile;
  readonly #columns: ColumnNames;
  readonly #raw: RawTable;
  readonly #dictionaries = new WeakMap<Vector, ValueAt>();
  hasTimestamps = false;
  #names: string[] = [];
  #types: ArrowColumnType[] = [];
  #appender: DuckDBAppender | undefined;
  #rows = 0;

  constructor(db: DuckDb, input: InputFile, columns: ColumnNames, raw: RawTable) {
    this.#db = db;
    this.#raw = raw;
    this.#input = input;
    this.#columns = columns;
  }

  start({ fields }: Schema): void {
    const names = fields.map(({ name }) => name);
    checkColumns(this.#input, names, this.#columns);
    const { time } = this.#columns;
    const timeType = fields[names.indexOf(time)]?.type;
    this.hasTimestamps = DataType.isTimestamp(timeType) || DataType.isDate(timeType);
    this.#names = allColumns(this.#columns);
    this.#types = this.#names.map((name) => {
      const field = fields[names.indexOf(name)];
      const type = field === undefined ? undefined : columnTypeOf(field.type);
      if (type === undefined) throw notPlainColumn(this.#input, name, String(field?.type));
      return type;
    });
  }

  async append(batch: RecordBatch): Promise<void> {
    const values = this.#names.map((name) => {
      const data = batch.getChild(name)?.data[0] as Data | undefined;
      if (data === undefined) throw new ArrowError('a column is missing');
      return columnValues(data, this.#dictionaries);
    });
    this.#appender ??= await this.#makeTable();
    const types = this.#types.map((type) => duckDbTypes[type]);
    for (let from = 0; from < batch.numRows; from += MAX_CHUNK_ROWS) {
      const rows = Math.min(MAX_CHUNK_ROWS, batch.numRows - from);
      const chunk = DuckDBDataChunk.create(types, rows);
      chunk.setColumns(
        values.map((valueAt) => Array.from({ length: rows }, (_, row) => valueAt(from + row))),
      );
      this.#appender.appendDataChunk(chunk);
      this.#rows += rows;
      if (this.#rows >= STAGED_ROWS) await this.#move();
      // A batch may have 2³⁰ bytes: signals are handled in between.
      await setImmediate();
    }
  }

  async finish(): Promise<void> {
    if (this.#appender === undefined) return;
    await this.#move();
    this.#appender.closeSync();
    await this.#db.run('DROP TABLE arrow');
  }

  async #makeTable(): Promise<DuckDBAppender> {
    const columns = this.#types.map((type, index) => `c${index} ${type}`);
    await this.#db.run(`CREATE OR REPLACE TABLE arrow (${columns.join(', ')})`);
    return this.#db.appender('arrow');
  }

  async #move(): Promise<void> {
    this.#appender?.flushSync();
    const text = (index: number) => `NULLIF(CAST(c${index} AS VARCHAR), '')`;
    const careful = (index: number, value: string) =>
      this.#types[index] === 'VARCHAR' ? value : numberText(value);
    const value = (index: number) => careful(index, text(index));
    const hasType = this.#columns.event !== undefined;
    const first = hasType ? TYPE + 1 : TYPE;
    const context = this.#columns.context.map((_, column) => value(first + column));
    await this.#raw.append({
      query: `
        SELECT ${text(0)} AS session, ${text(1)} AS item, ${text(TIME)} AS time_text,
          ${hasType ? value(TYPE) : 'NULL'} AS event, NULL AS record,
          ${context.length === 0 ? 'NULL' : contextText(context)} AS context
        FROM arrow`,
      session: { isInteger: false, careful: careful(0, 'session') },
      item: { isInteger: false, careful: careful(1, 'item') },
      time: 'text',
    });
    await this.#db.run('TRUNCATE arrow');
    this.#rows = 0;
  }
}
