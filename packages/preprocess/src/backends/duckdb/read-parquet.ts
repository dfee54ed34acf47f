import { DataError } from '@gru4rec/sessions';
import { checkColumns, notPlainColumn } from '../../input/check-columns.ts';
import type { ColumnNames } from '../../input/columns.ts';
import { hasParquetMark, type InputFile } from '../../input/input-file.ts';
import { numberText } from '../../input/number-text.ts';
import { checkParquetFooter } from '../../input/parquet-footer.ts';
import type { LoadedFile } from '../backend.ts';
import { type DuckDb, quote } from './duckdb.ts';
import { fileName, identifier } from './sql-names.ts';

/**
 * Appends a Parquet file to table `raw`.
 *
 * @throws DataError if a column is missing or of lists or structs, or if the file is inconsistent.
 */
export async function loadParquet(
  db: DuckDb,
  input: InputFile,
  columns: ColumnNames,
  integers: IntegerColumns,
): Promise<Pick<LoadedFile, 'hasTimestamps'>> {
  const file = fileName(input.path);
  const source = `read_parquet(${file}, binary_as_string = true, hive_partitioning = false)`;
  const schema = await db.rows(`SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${source})`);
  const types = new Map(schema.map((row) => [String(row['column_name']), String(row['column_type'])]));
  checkColumns(
    input,
    topLevelNames(await db.rows(`SELECT name, num_children FROM parquet_schema(${file})`)),
    columns,
  );
  checkPlain(input, types, columns);
  await checkCounts(db, input, columns);
  const { session, item, time, event } = columns;
  const id = (name: string, isInteger: boolean) => (isInteger ? identifier(name) : idText(name, types));
  await db.run(`
    INSERT INTO raw
    SELECT ${id(session, integers.session)}, ${id(item, integers.item)},
      ${integers.time ? identifier(time) : timeText(time, types)}, ${event === undefined ? 'NULL' : idText(event, types)}, NULL
    FROM ${source}`);
  return { hasTimestamps: isTimestamp(types.get(time)) };
}

/** Columns of table `raw` with 64-bit integers instead of text. */
export interface IntegerColumns {
  readonly session: boolean;
  readonly item: boolean;
  readonly time: boolean;
}

/** Integer types that fit in signed 64 bits. */
const integerTypes = ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'UTINYINT', 'USMALLINT', 'UINTEGER'];

/** @returns the columns that are integers in all files; none if a file is not Parquet or damaged. */
export async function findIntegers(
  db: DuckDb,
  files: readonly string[],
  columns: ColumnNames,
): Promise<IntegerColumns> {
  if (!(await areParquet(files))) return { session: false, item: false, time: false };
  const rows = await db
    .rows(`
      SELECT name FROM parquet_schema([${files.map(fileName).join(', ')}]) GROUP BY name
      HAVING bool_and(coalesce(duckdb_type, '') IN (${integerTypes.map(quote).join(', ')})) AND count(*) = ${files.length}`)
    // Reading the file reports the error.
    .catch(() => []);
  const has = (name: string) => rows.some((row) => row['name'] === name);
  return { session: has(columns.session), item: has(columns.item), time: has(columns.time) };
}

/** Whether all files are Parquet with valid footers. Reading a file reports its error. */
async function areParquet(files: readonly string[]): Promise<boolean> {
  for (const file of files) {
    const isSound = await checkParquetFooter(file, file).then(
      () => true,
      () => false,
    );
    if (!isSound || !(await hasParquetMark(file))) return false;
  }
  return true;
}

function idText(name: string, types: ReadonlyMap<string, string>): string {
  return hasFraction(types.get(name) ?? '') ? numberText(text(name)) : text(name);
}

function hasFraction(type: string): boolean {
  return /^(FLOAT|DOUBLE|DECIMAL)/.test(type);
}

function text(name: string): string {
  return `NULLIF(CAST(${identifier(name)} AS VARCHAR), '')`;
}

function isTimestamp(type = ''): boolean {
  return /^(TIMESTAMP|DATE)/.test(type);
}

/** SQL: infinite timestamps as text, so that they become bad rows. */
function timeText(name: string, types: ReadonlyMap<string, string>): string {
  if (!isTimestamp(types.get(name))) return text(name);
  const time = identifier(name);
  return `CASE WHEN isfinite(${time}) THEN CAST(make_timestamp(epoch_us(${time})) AS VARCHAR) ELSE ${text(name)} END`;
}

/** Names of the columns below the root of the schema, which lists the tree depth first. */
function topLevelNames(rows: readonly Record<string, unknown>[]): string[] {
  const names: string[] = [];
  let at = 1;
  const skip = (): void => {
    const children = Number(rows[at++]?.['num_children'] ?? 0);
    for (let child = 0; child < children && at < rows.length; child++) skip();
  };
  while (at < rows.length) {
    names.push(String(rows[at]?.['name']));
    skip();
  }
  return names;
}

function checkPlain(input: InputFile, types: ReadonlyMap<string, string>, columns: ColumnNames): void {
  for (const name of Object.values(columns)) {
    const type = name === undefined ? '' : (types.get(name) ?? '');
    if (!/\[\d*\]$|^(STRUCT|MAP|UNION|VARIANT)/.test(type)) continue;
    throw notPlainColumn(input, name ?? '', type);
  }
}

/** Checks that three counts of rows in the footer agree: a damaged footer may state fewer rows. */
async function checkCounts(db: DuckDb, input: InputFile, columns: ColumnNames): Promise<void> {
  const file = fileName(input.path);
  const wanted = Object.values(columns).filter((name) => name !== undefined);
  const { total = 0 } = await db.numbers(`SELECT sum(num_rows) AS total FROM parquet_file_metadata(${file})`);
  const { groups = 0, odd = 0 } = await db.numbers(`
    SELECT coalesce(sum(row_group_num_rows) FILTER (column_id = 0), 0) AS groups,
      count(*) FILTER (num_values <> row_group_num_rows AND path_in_schema IN (${wanted.map(quote).join(', ')})) AS odd
    FROM parquet_metadata(${file})`);
  if (total === groups && odd === 0) return;
  throw new DataError(
    `prepare: "input" expected a sound parquet file, got a damaged one (its counts of rows contradict each other), at ${input.file}.`,
    { file: input.file },
  );
}
