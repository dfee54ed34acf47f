import { DataError } from '@gru4rec/sessions';
import { contextText } from '../../events/contexts.ts';
import { checkColumns, notPlainColumn } from '../../input/check-columns.ts';
import { type ColumnNames, columnNames } from '../../input/columns.ts';
import { PARQUET_MARK } from '../../input/detect-format.ts';
import { numberText } from '../../input/number-text.ts';
import type { CheckedOptions } from '../../options.ts';
import { sparkIdentifier, sparkQuote } from './spark-quote.ts';
import type { SparkSql } from './spark-sql.ts';

/** An input path of the caller: one Parquet file, a folder or a pattern. */
export interface SparkInput {
  /** SQL: a query of table `records`, with every record once. */
  readonly records: string;
  /** Whether its time column has a timestamp or date type. */
  readonly hasTimestamps: boolean;
}

/** The position of a row, which increases within a block of a file. Filters must not be pushed below it. */
const place =
  '_metadata.file_path AS path, _metadata.file_block_start AS block, monotonically_increasing_id() AS id';

/**
 * Opens the files of an input.
 *
 * @param number - index of the input, for names of its views.
 * @throws DataError if they are not Parquet or lack a column, SparkError if Spark finds no files.
 */
export async function openSparkInput(
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

/** @returns a file of the input. */
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
  const message = `prepare: "input" expected Parquet files with Spark, got ${got}, at ${file}. Convert a log of another format to Parquet first (docs/spark.md).`;
  throw new DataError(message, { file });
}

/** The path of a file in the caller's form. */
export function fileOf(uri: string): string {
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
