import { badInput } from '../../input/bad-input.ts';
import {
  allColumns,
  type ColumnNames,
  checkColumns,
  contextText,
  notPlainColumn,
  numberText,
} from '../../input/columns.ts';
import type { InputFile } from '../../input/input-file.ts';
import { type DuckDb, fileName, identifier, parquetSource, quote } from './duckdb.ts';
import { stampColumns } from './duckdb-time.ts';
import type { RawTable } from './raw-table.ts';

export async function loadParquet(
  db: DuckDb,
  input: InputFile,
  columns: ColumnNames,
  raw: RawTable,
): Promise<boolean> {
  const source = parquetSource(input.path);
  const schema = await db.rows(`SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${source})`);
  const types = new Map(schema.map((row) => [String(row['column_name']), String(row['column_type'])]));
  checkColumns(input, [...types.keys()], columns);
  checkPlain(input, types, columns);
  await checkRows(db, input, columns);
  const { session, item, time, event, context } = columns;
  const value = (name: string) => (isInteger(types, name) ? identifier(name) : text(name));
  const hasTimestamps = isTimestamp(types.get(time));
  await raw.append({
    query: `
      SELECT ${value(session)} AS session, ${value(item)} AS item,
        ${hasTimestamps ? stampColumns(identifier(time), stampText(time)) : `${value(time)} AS time_text`},
        ${event === undefined ? 'NULL' : idText(event, types)} AS event, NULL AS record,
        ${context.length === 0 ? 'NULL' : contextText(context.map((name) => idText(name, types)))} AS context
      FROM ${source}`,
    session: { isInteger: isInteger(types, session), careful: carefulId('session', types.get(session)) },
    item: { isInteger: isInteger(types, item), careful: carefulId('item', types.get(item)) },
    time: hasTimestamps ? 'parsed' : isInteger(types, time) ? 'integer' : 'text',
  });
  return hasTimestamps;
}

function isInteger(types: ReadonlyMap<string, string>, name: string): boolean {
  return integerTypes.has(types.get(name) ?? '');
}

const integerTypes: ReadonlySet<string> = new Set([
  ...['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT'],
  ...['UTINYINT', 'USMALLINT', 'UINTEGER'],
]);

function idText(name: string, types: ReadonlyMap<string, string>): string {
  return carefulId(text(name), types.get(name));
}

function carefulId(text: string, type = ''): string {
  return /^(FLOAT|DOUBLE|DECIMAL)/.test(type) ? numberText(text) : text;
}

function text(name: string): string {
  return `NULLIF(CAST(${identifier(name)} AS VARCHAR), '')`;
}

function isTimestamp(type = ''): boolean {
  return /^(TIMESTAMP|DATE)/.test(type);
}

/** SQL: infinite timestamps as text, so that they become bad rows. */
function stampText(name: string): string {
  const time = identifier(name);
  return `CASE WHEN isfinite(${time}) THEN CAST(make_timestamp(epoch_us(${time})) AS VARCHAR) ELSE ${text(name)} END`;
}

function checkPlain(input: InputFile, types: ReadonlyMap<string, string>, columns: ColumnNames): void {
  for (const name of allColumns(columns)) {
    const type = types.get(name) ?? '';
    if (!/\[\d*\]$|^(STRUCT|MAP|UNION|VARIANT)/.test(type)) continue;
    throw notPlainColumn(input, name, type);
  }
}

/** Three counts of rows in the footer must agree: a damaged footer may state fewer rows. */
async function checkRows(db: DuckDb, input: InputFile, columns: ColumnNames): Promise<void> {
  const file = fileName(input.path);
  const wanted = allColumns(columns);
  const { total = 0 } = await db.numbers(`SELECT sum(num_rows) AS total FROM parquet_file_metadata(${file})`);
  const { groups = 0, odd = 0 } = await db.numbers(`
    SELECT coalesce(sum(row_group_num_rows) FILTER (column_id = 0), 0) AS groups,
      count(*) FILTER (num_values <> row_group_num_rows AND path_in_schema IN (${wanted.map(quote).join(', ')})) AS odd
    FROM parquet_metadata(${file})`);
  if (total === groups && odd === 0) return;
  const got = 'a damaged one (its counts of rows contradict each other)';
  throw badInput(input.file, 'a sound parquet file', got);
}
