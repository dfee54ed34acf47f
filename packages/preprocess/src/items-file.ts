import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  checkItemRows,
  type ItemRow,
  itemRow,
  itemsError,
  noIdColumn,
  readItemRows,
} from '@gru4rec/item-info';
import { DuckDb } from './backends/duckdb/duckdb.ts';
import { fileName, identifier } from './backends/duckdb/sql-names.ts';
import { PARQUET_MARK } from './input/detect-format.ts';

/** Rows that are checked before long work starts. */
const ROWS_CHECKED = 1000;

/**
 * The rows of an items file: Parquet, or what `readItemRows` of the package item-info reads.
 *
 * @param idColumn - name of the column of ids; `id` or `item` if not given.
 * @throws Error naming the file and, in its cause, the row that is wrong.
 */
export async function* itemRowsIn(path: string, idColumn?: string): AsyncGenerator<ItemRow> {
  yield* (await isParquet(path)) ? parquetRows(path, idColumn) : readItemRows(path, idColumn);
}

/** Reads the first rows of an items file. @throws Error as `itemRowsIn`, and if it is a pipe, which cannot be read again. */
export async function checkItemsFile(path: string, idColumn?: string): Promise<void> {
  if (!(await isParquet(path))) return checkItemRows(path, idColumn);
  let rows = 0;
  for await (const _ of parquetRows(path, idColumn)) if (++rows === ROWS_CHECKED) return;
}

async function isParquet(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  // Opening a pipe would wait for its writer.
  if (!found?.isFile()) return false;
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(PARQUET_MARK.length),
      0,
      PARQUET_MARK.length,
      0,
    );
    return buffer.toString('latin1', 0, bytesRead) === PARQUET_MARK;
  } finally {
    await file.close();
  }
}

/** DuckDB writes what JSON has no number for as NaN, Infinity or -Infinity. */
function parsed(text: string, line: number): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`row ${line}: expected finite numbers, got NaN or infinity`, { cause });
  }
}

async function* parquetRows(path: string, idColumn: string | undefined): AsyncGenerator<ItemRow> {
  const directory = await mkdtemp(join(tmpdir(), 'gru4rec-items-'));
  let db: DuckDb | undefined;
  try {
    db = await DuckDb.open({ directory, files: [path] });
    const source = `read_parquet(${fileName(path)}, binary_as_string = true, hive_partitioning = false)`;
    const columns = await db.rows(`SELECT column_name FROM (DESCRIBE SELECT * FROM ${source})`);
    const names = columns.map((column) => String(column['column_name']));
    const id = (idColumn === undefined ? ['id', 'item'] : [idColumn]).find((name) => names.includes(name));
    if (id === undefined) throw noIdColumn(names, idColumn);
    // As text: numbers of JSON are exact to 2⁵³ only.
    const exact = `* REPLACE (CAST(${identifier(id)} AS VARCHAR) AS ${identifier(id)})`;
    const query = `SELECT CAST(to_json(rows) AS VARCHAR) FROM (SELECT ${exact} FROM ${source}) AS rows`;
    let line = 0;
    for await (const chunk of db.chunks(query)) {
      for (const [text] of chunk.getRows()) {
        line++;
        yield itemRow({ row: parsed(String(text), line), line }, idColumn, `row ${line}`);
      }
    }
  } catch (cause) {
    throw itemsError(path, cause);
  } finally {
    db?.close();
    await rm(directory, { recursive: true, force: true });
  }
}
