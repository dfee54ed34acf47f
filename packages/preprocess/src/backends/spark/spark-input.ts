import { DataError } from '@gru4rec/dataset';
import { BadRowList } from '../../bad-rows.ts';
import { badInput } from '../../input/bad-input.ts';
import {
  type ColumnNames,
  checkColumns,
  columnNames,
  contextText,
  notPlainColumn,
  numberText,
} from '../../input/columns.ts';
import { PARQUET_MARK } from '../../input/input-file.ts';
import type { CheckedOptions, TimeUnit } from '../../options.ts';
import { type LoadedFile, type LoadedLog, MS_FROM, type OnFile, type TimeSql } from '../backend.ts';
import type { SparkSql } from './spark-sql.ts';

/** Spark does not number rows: a position is that of the block (input, path, start) and the number in it, without gaps. */
export async function readWithSpark(
  spark: SparkSql,
  options: CheckedOptions,
  onFile: OnFile,
): Promise<LoadedLog> {
  const { inputs, testInputs = [] } = options;
  const all = [...inputs, ...testInputs];
  const opened: SparkInput[] = [];
  for (const [index, path] of all.entries()) {
    onFile(path, 0, 1);
    opened.push(await openSparkInput(spark, path, index, options));
  }
  onFile(`${all.length} inputs`, 0, 1);
  await spark.createTable('records', opened.map(({ records }) => records).join(' UNION ALL '));
  await spark.createTable('blocks', blocks);
  await spark.lines(`CREATE TEMPORARY VIEW raw AS ${rows}`);
  return { files: await loadedFiles(spark, opened, inputs.length), badRows: new BadRowList() };
}

/** A block has the records from `first_id` on, and there are `before` records before it. */
const blocks = `
  SELECT *, sum(rows) OVER (ORDER BY input, path, block) - rows AS before
  FROM (SELECT input, path, block, min(id) AS first_id, count(*) AS rows FROM records GROUP BY input, path, block)`;

const rows = `
  SELECT /*+ BROADCAST(b) */ b.before + r.id - b.first_id AS pos, 0 AS record, r.session, r.item, r.time_text, r.event, r.context
  FROM records r JOIN blocks b ON r.input = b.input AND r.path = b.path AND r.block = b.block`;

async function loadedFiles(
  spark: SparkSql,
  inputs: readonly SparkInput[],
  testFrom: number,
): Promise<LoadedFile[]> {
  const found = await spark.rows(
    'SELECT input, path, min(before) AS first, sum(rows) AS rows FROM blocks GROUP BY input, path ORDER BY first',
  );
  return found.map((row) => {
    const { hasTimestamps } = inputs[Number(row['input'])] as SparkInput;
    const [firstRow, rows] = [Number(row['first']), Number(row['rows'])];
    return {
      file: fileOf(String(row['path'])),
      format: 'parquet',
      isTest: Number(row['input']) >= testFrom,
      hasTimestamps,
      firstRow,
      endRow: firstRow + rows,
      rows,
      locate: async (places) => places.map(({ pos }) => pos - firstRow + 1),
    };
  });
}

export interface SparkInput {
  readonly records: string;
  readonly hasTimestamps: boolean;
}

/** The position of a row, which increases within a block of a file. Filters must not be pushed below it. */
const place =
  '_metadata.file_path AS path, _metadata.file_block_start AS block, monotonically_increasing_id() AS id';

async function openSparkInput(
  spark: SparkSql,
  path: string,
  number: number,
  options: CheckedOptions,
): Promise<SparkInput> {
  const file = await checkParquet(spark, path, number);
  const view = `parquet_${number}`;
  await spark.lines(`CREATE TABLE ${view} USING parquet OPTIONS (path ${sparkQuote(path)})`);
  const described = await spark.lines(`DESCRIBE ${view}`);
  const types = new Map(
    described
      .filter((line) => !line.startsWith('#'))
      .map((line) => line.split('\t').map((part) => part.trim()) as [string, string]),
  );
  const columns = columnNames(options);
  checkColumns({ file }, [...types.keys()], columns);
  const timeType = types.get(columns.time) ?? '';
  if (!/^(tinyint|smallint|int|bigint|float|double|decimal|timestamp|date)/.test(timeType)) {
    const message = `prepare: column "${columns.time}" expected numbers or timestamps with Spark, got ${timeType.slice(0, 100)}, at ${file}:1. Convert it first (docs/spark.md).`;
    throw new DataError(message, { file, row: 1, column: columns.time });
  }
  const values = valuesOf(columns, (name) => parquetValue(name, types.get(name) ?? '', file));
  const records = `SELECT ${number} AS input, ${place}, ${values} FROM ${view}`;
  return { records, hasTimestamps: /^(timestamp|date)/.test(timeType) };
}

async function checkParquet(spark: SparkSql, path: string, number: number): Promise<string> {
  const text = `text_${number}`;
  await spark.lines(
    `CREATE TABLE ${text} (value STRING) USING text OPTIONS (path ${sparkQuote(path)}, lineSep '\\n')`,
  );
  const [first] = await spark.rows(
    `SELECT substring(value, 1, 4) AS mark, _metadata.file_path AS path FROM ${text} WHERE _metadata.file_block_start = 0 LIMIT 1`,
  );
  const [file, got] =
    first === undefined
      ? [path, 'no file or only empty files']
      : [fileOf(String(first['path'])), 'another format'];
  if (first?.['mark'] === PARQUET_MARK) return file;
  const advice = 'Convert a log of another format to Parquet first (docs/spark.md).';
  throw badInput(file, 'Parquet files with Spark', got, { advice });
}

function fileOf(uri: string): string {
  return uri.startsWith('file:') ? decodeURIComponent(uri.replace(/^file:(\/\/)?/, '')) : uri;
}

/** SQL: the columns of values of table `records`. @param value - SQL: a column of the input. */
function valuesOf(
  { session, item, time, event, context }: ColumnNames,
  value: (name: string) => string,
): string {
  const none = 'CAST(NULL AS STRING)';
  const others = context.length === 0 ? none : contextText(context.map(value));
  return `${value(session)} AS session, ${value(item)} AS item, ${value(time)} AS time_text,
    ${event === undefined ? none : value(event)} AS event, ${others} AS context`;
}

function parquetValue(name: string, type: string, file: string): string {
  if (/^(array|struct|map)\b/.test(type)) throw notPlainColumn({ file }, name, type);
  const value = sparkIdentifier(name);
  const text = `NULLIF(CAST(${value} AS STRING), '')`;
  if (/^decimal/.test(type)) return numberText(text);
  if (!/^(float|double)$/.test(type)) return text;
  // Java would use an exponent from ten million on, and not always the shortest digits.
  return `CASE WHEN abs(${value}) < 1e15 AND ${value} = floor(${value}) THEN CAST(CAST(${value} AS BIGINT) AS STRING) ELSE ${numberText(text)} END`;
}

/** What is special to the parser or not ASCII is written by its code. */
export function sparkQuote(text: string): string {
  const escaped = text.replace(
    /[^A-Za-z0-9 _.,:/=(){}[\]^*+?|<>@-]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `'${escaped}'`;
}

function sparkIdentifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** Milliseconds, exact; further digits are rounded. */
const number = 'CAST(time_text AS DECIMAL(18, 3))';
const whole = 'CAST(CAST(time_text AS DECIMAL(18, 0)) AS BIGINT)';
/** Spark would also read a number as a year. */
const stamp = "CASE WHEN time_text RLIKE '^(?!0000)[0-9]{4}-' THEN CAST(time_text AS TIMESTAMP) END";

const unit = `
  CASE WHEN abs(${number}) < ${MS_FROM} THEN 's' WHEN abs(${number}) < ${MS_FROM * 1000} THEN 'ms'
    WHEN abs(${whole}) < ${MS_FROM * 1e6} THEN 'us' WHEN ${stamp} IS NOT NULL THEN 'iso' END`;

const flooredMs = (us: string) => `(${us} + 100000000000000500) div 1000 - 100000000000000`;

function inMs(unit: TimeUnit): string {
  if (unit === 'iso') return flooredMs(`unix_micros(${stamp})`);
  if (unit === 'us') return flooredMs(whole);
  if (unit === 'ms') return `CAST(round(${number}) AS BIGINT)`;
  return `CASE WHEN abs(${number}) < ${MS_FROM} THEN CAST(${number} * 1000 AS BIGINT) END`;
}

/** From the text of a column of numbers, timestamps or dates. */
export const sparkTime: TimeSql = { text: 'time_text', unit, inMs };
