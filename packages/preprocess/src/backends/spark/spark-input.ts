import { DataError } from '@gru4rec/sessions';
import { contextText } from '../../events/contexts.ts';
import { checkColumns, notPlainColumn } from '../../input/check-columns.ts';
import { type ColumnNames, columnNames, lineKeys } from '../../input/columns.ts';
import { detectFormat } from '../../input/detect-format.ts';
import { readHeader } from '../../input/input-file.ts';
import { numberText } from '../../input/number-text.ts';
import type { CheckedOptions, InputFormat } from '../../options.ts';
import { type DelimitedLayout, delimitedFault, delimitedFields, delimitedValue } from './delimited-sql.ts';
import { sparkIdentifier, sparkQuote } from './spark-quote.ts';
import type { SparkSql } from './spark-sql.ts';

/** An input path of the caller: one file, a folder or a pattern. */
export interface SparkInput {
  readonly path: string;
  readonly format: InputFormat;
  /**
   * SQL: a query of table `lines`, with every line of the text files, or every record of the Parquet files, once. `kind` is 0
   * for a row, 1 for a blank line, 2 for a line equal to the header.
   */
  readonly lines: string;
  /** Whether its time column has a timestamp or date type. */
  readonly hasTimestamps: boolean;
}

/** The position of a row, which increases within a block of a file. Filters must not be pushed below it. */
const place =
  '_metadata.file_path AS path, _metadata.file_block_start AS block, monotonically_increasing_id() AS id';

/**
 * Detects the format and the columns of an input.
 *
 * @param number - index of the input, for names of its views.
 * @throws DataError if its format is unknown or a column is missing, SparkError if Spark finds no files.
 */
export async function openSparkInput(
  spark: SparkSql,
  path: string,
  number: number,
  options: CheckedOptions,
): Promise<SparkInput> {
  const text = `text_${number}`;
  await spark.lines(
    `CREATE TABLE ${text} (value STRING) USING text OPTIONS (path ${sparkQuote(path)}, lineSep '\\n')`,
  );
  const [first] = await spark.rows(
    `SELECT substring(value, 1, ${1 << 20}) AS value, _metadata.file_path AS path, _metadata.file_block_start AS block FROM ${text} LIMIT 1`,
  );
  if (first === undefined || first['block'] !== 0) {
    throw new DataError(`prepare: "input" expected events, got no file or only empty files, at ${path}.`, {
      file: path,
    });
  }
  const file = fileOf(String(first['path']));
  const line = String(first['value'])
    .replace(/^\ufeff/, '')
    .replace(/\r$/, '');
  const format = options.format ?? detectFormat(Buffer.from(line), file);
  if (format === 'arrow') throw arrowFile(file);
  const columns = columnNames(options);
  if (format === 'parquet')
    return { path, format, ...(await parquetLines(spark, { path, number, file }, columns)) };
  const hasTimestamps = false;
  if (format === 'jsonl') return { path, format, lines: jsonLines(text, number, options), hasTimestamps };
  const { delimiter, header } = readHeader(Buffer.from(line), format, file);
  checkColumns({ file }, header, columns);
  const layout = { delimiter, header: line, columns: header.length };
  const values = columnsOf(columns, (name) => delimitedValue(header.indexOf(name)));
  return { path, format, lines: delimitedLines(text, number, layout, values), hasTimestamps };
}

function arrowFile(file: string): DataError {
  const message = `prepare: "input" expected CSV, TSV, JSON Lines or Parquet, which Spark reads, got an Arrow file, at ${file}. Write it as Parquet.`;
  return new DataError(message, { file });
}

/** The path of a file in the caller's form. */
export function fileOf(uri: string): string {
  return uri.startsWith('file:') ? decodeURIComponent(uri.replace(/^file:(\/\/)?/, '')) : uri;
}

/** SQL: the columns of table `lines`. @param value - SQL: a column of the input. */
function columnsOf(
  { session, item, time, event, context }: ColumnNames,
  value: (name: string, column: keyof ColumnNames) => string,
): string {
  const none = 'CAST(NULL AS STRING)';
  const type = event === undefined ? none : value(event, 'event');
  const others = context.length === 0 ? none : contextText(context.map((name) => value(name, 'context')));
  return `${value(session, 'session')} AS session, ${value(item, 'item')} AS item, ${value(time, 'time')} AS time_text,
    ${type} AS event, ${others} AS context`;
}

/** SQL: a line without the carriage return of its line end. */
function linesOf(text: string): string {
  return `
    SELECT path, block, id, CASE WHEN endswith(value, '\\r') THEN substring(value, 1, length(value) - 1) ELSE value END AS line
    FROM (SELECT ${place}, value FROM ${text})`;
}

function delimitedLines(text: string, number: number, layout: DelimitedLayout, values: string): string {
  const header = sparkQuote(layout.header);
  return `
    SELECT ${number} AS input, path, block, id, 0 AS record, kind, fault,
      CASE WHEN fault IS NOT NULL THEN substring(line, 1, 101) END AS shown, ${values}
    FROM (
      SELECT *, CASE WHEN kind = 0 THEN ${delimitedFault(layout)} END AS fault
      FROM (
        SELECT *, CASE WHEN line = '' THEN 1 WHEN block = 0 AND line IN (${header}, concat('\\ufeff', ${header})) THEN 2 ELSE 0 END AS kind,
          ${delimitedFields(layout)} AS fields
        FROM (${linesOf(text)})))`;
}

function jsonLines(text: string, number: number, options: CheckedOptions): string {
  const { eventsField, line, event } = lineKeys(options);
  const field = (name: string, type = ' STRING') => `${sparkIdentifier(name)}${type}`;
  const ofEvent = [...new Set(event)].map((name) => field(name, ': STRING')).join(', ');
  const fields = [...new Set(line)].map((name) =>
    name === eventsField ? field(name, ` ARRAY<STRUCT<${ofEvent}>>`) : field(name),
  );
  const schema = sparkQuote([...fields, field(CORRUPT)].join(', '));
  const ofColumn = (column: keyof ColumnNames) =>
    eventsField === undefined || column === 'session' ? 'json' : 'entry';
  const values = columnsOf(columnNames(options), (name, column) =>
    jsonValue(`${ofColumn(column)}.${sparkIdentifier(name)}`),
  );
  const entries =
    eventsField === undefined
      ? `SELECT *, 0 AS record FROM`
      : `SELECT *, coalesce(pos, 0) AS record FROM (SELECT *, posexplode_outer(json.${sparkIdentifier(eventsField)}) AS (pos, entry) FROM`;
  return `
    SELECT ${number} AS input, path, block, id, record, kind, fault,
      CASE WHEN fault IS NOT NULL THEN substring(line, 1, 101) END AS shown, ${values}
    FROM (${entries} (
      SELECT *, CASE WHEN kind = 0 AND (json.${CORRUPT} IS NOT NULL OR NOT line RLIKE '^[ \\t]*[{]') THEN 'one JSON object' END AS fault
      FROM (
        SELECT *, CASE WHEN trim(BOTH ' \\t\\r' FROM line) = '' THEN 1 ELSE 0 END AS kind,
          from_json(line, ${schema}, map('mode', 'PERMISSIVE', 'columnNameOfCorruptRecord', '${CORRUPT}',
            'allowNonNumericNumbers', 'false', 'allowSingleQuotes', 'false')) AS json
        FROM (${linesOf(text)})))${eventsField === undefined ? '' : ')'})`;
}

const CORRUPT = '_corrupt_line';

/** SQL: NULL for the text of an object or list, which is not an id. */
function jsonValue(value: string): string {
  return `CASE WHEN ${value} RLIKE '^[{\\\\[]' THEN NULL ELSE NULLIF(${value}, '') END`;
}

async function parquetLines(
  spark: SparkSql,
  { path, number, file }: { path: string; number: number; file: string },
  columns: ColumnNames,
): Promise<Pick<SparkInput, 'lines' | 'hasTimestamps'>> {
  const view = `parquet_${number}`;
  await spark.lines(`CREATE TABLE ${view} USING parquet OPTIONS (path ${sparkQuote(path)})`);
  const described = await spark.lines(`DESCRIBE ${view}`);
  const types = new Map(
    described
      .filter((line) => !line.startsWith('#'))
      .map((line) => line.split('\t').map((part) => part.trim()) as [string, string]),
  );
  checkColumns({ file }, [...types.keys()], columns);
  const values = columnsOf(columns, (name) => parquetValue(name, types.get(name) ?? '', file));
  const lines = `
    SELECT ${number} AS input, ${place}, 0 AS record, 0 AS kind,
      CAST(NULL AS STRING) AS fault, CAST(NULL AS STRING) AS shown, ${values}
    FROM ${view}`;
  return { lines, hasTimestamps: /^(timestamp|date)/.test(types.get(columns.time) ?? '') };
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
