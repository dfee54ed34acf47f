import { DataError } from '@gru4rec/sessions';
import { type DuckDb, quote } from '../backends/duckdb.ts';
import type { ColumnNames } from '../columns.ts';
import type { InputFile } from '../input-file.ts';
import { checkColumns } from './check-columns.ts';
import { fileName, identifier } from './sql-names.ts';

/**
 * Appends a Parquet file to table `raw`.
 *
 * @throws DataError at a missing column, at one of lists or structs, and if the file contradicts itself.
 */
export async function loadParquet(db: DuckDb, input: InputFile, columns: ColumnNames): Promise<void> {
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
  await db.run(`
    INSERT INTO raw
    SELECT ${text(session)}, ${text(item)}, ${timeText(time, types)}, ${event === undefined ? 'NULL' : text(event)}, NULL
    FROM ${source}`);
}

function text(name: string): string {
  return `NULLIF(CAST(${identifier(name)} AS VARCHAR), '')`;
}

/** Infinite timestamps are no times: as text, they make bad rows. */
function timeText(name: string, types: ReadonlyMap<string, string>): string {
  if (!/^(TIMESTAMP|DATE)/.test(types.get(name) ?? '')) return text(name);
  const time = identifier(name);
  return `CASE WHEN isfinite(${time}) THEN CAST(make_timestamp(epoch_us(${time})) AS VARCHAR) ELSE ${text(name)} END`;
}

/** The schema lists a tree depth first: the names below its root, as they stand in the file. */
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
    throw new DataError(
      `prepare: column "${name}" expected texts, numbers or times, got ${type.slice(0, 100)}, at ${input.file}:1. Choose another column or unnest it.`,
      { file: input.file, row: 1, column: name },
    );
  }
}

/** A damaged footer may tell of fewer rows than there are: what it says in three places must agree. */
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
