import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ItemChunk, withMoreItems } from '@gru4rec/dataset';
import { ItemIdTable } from '@gru4rec/dataset/ids';
import {
  checkedRows,
  type ItemRow,
  type ItemsFileOptions,
  itemsError,
  noColumn,
  type RawRow,
  readItemRows,
} from '@gru4rec/dataset/items';
import { DuckDb, identifier, parquetSource } from './backends/duckdb/duckdb.ts';
import type { BadRowList } from './bad-rows.ts';
import { PARQUET_MARK, readHead } from './input/input-file.ts';
import type { PrepareOptions } from './options.ts';

/** The rows of an items file: Parquet, or what `readItemRows` reads, with its errors. */
export async function* itemRowsIn(path: string, options?: ItemsFileOptions): AsyncGenerator<ItemRow> {
  if (!(await isParquet(path))) return yield* readItemRows(path, options);
  try {
    yield* checkedRows(parquetRows(path, options?.columns?.id), options, 'row');
  } catch (cause) {
    throw itemsError(path, cause);
  }
}

async function isParquet(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  // Opening a pipe would wait for its writer.
  if (!stats?.isFile()) return false;
  return (await readHead(path, PARQUET_MARK.length)).toString('latin1') === PARQUET_MARK;
}

function parsed(text: string, line: number): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`row ${line}: expected finite numbers, got NaN or infinity`, { cause });
  }
}

async function* parquetRows(path: string, idColumn: string | undefined): AsyncGenerator<RawRow> {
  const directory = await mkdtemp(join(tmpdir(), 'gru4rec-items-'));
  let db: DuckDb | undefined;
  try {
    db = await DuckDb.open({ directory, files: [path] });
    const source = parquetSource(path);
    const columns = await db.rows(`SELECT column_name FROM (DESCRIBE SELECT * FROM ${source})`);
    const names = columns.map((column) => String(column['column_name']));
    const id = (idColumn === undefined ? ['id', 'item'] : [idColumn]).find((name) => names.includes(name));
    if (id === undefined) throw noColumn(names, idColumn);
    // As text: numbers of JSON are exact to 2⁵³ only.
    const exact = `* REPLACE (CAST(${identifier(id)} AS VARCHAR) AS ${identifier(id)})`;
    const query = `SELECT CAST(to_json(rows) AS VARCHAR) FROM (SELECT ${exact} FROM ${source}) AS rows`;
    let line = 0;
    for await (const chunk of db.chunks(query)) {
      for (const [text] of chunk.getRows()) {
        line++;
        yield { row: parsed(String(text), line), line };
      }
    }
  } finally {
    db?.close();
    await rm(directory, { recursive: true, force: true });
  }
}

type ItemsOptions = Pick<PrepareOptions, 'items' | 'itemColumns' | 'onBadRow'>;

/** @param badRows - gets those that are skipped. */
export async function* rowsOfItems(
  { items, itemColumns: columns, onBadRow }: ItemsOptions,
  badRows?: BadRowList,
): AsyncGenerator<ItemRow> {
  if (items === undefined) return;
  const skip: ItemsFileOptions['onBadRow'] = (row, problem) =>
    badRows?.add({ file: items, row, column: '', value: '', expected: problem });
  yield* itemRowsIn(items, { columns, onBadRow: onBadRow === 'skip' ? skip : undefined });
}

export async function readCatalogue(
  options: ItemsOptions,
  badRows: BadRowList,
): Promise<ItemIdTable | undefined> {
  const { items } = options;
  if (items === undefined) return undefined;
  const stats = await stat(items).catch(() => undefined);
  if (stats && !stats.isFile() && !stats.isDirectory()) {
    throw itemsError(items, new Error('it is a pipe or device, not a file, which is read twice'));
  }
  const ids = new ItemIdTable();
  for await (const { id, info } of rowsOfItems(options, badRows)) if (info.available) ids.add(id);
  return ids;
}

const PIECE = 1000;

export async function* piecesOf(catalogue: ItemIdTable): AsyncGenerator<string[]> {
  for (let from = 0; from < catalogue.length; from += PIECE) yield catalogue.slice(from, from + PIECE);
}

/** Items without training events follow those with, in the order of the catalogue. */
export class CatalogueItems {
  readonly #catalogue: ItemIdTable;
  readonly #itemIds = new ItemIdTable();
  /** The items that have events, and none in training, in the order of the events' numbers. */
  readonly #heldOut = new ItemIdTable();
  #trained = 0;

  constructor(catalogue: ItemIdTable) {
    this.#catalogue = catalogue;
  }

  get cold(): number {
    return this.#itemIds.length - this.#trained;
  }

  /** @param chunks - those with training events come first. */
  items(chunks: AsyncIterable<ItemChunk>): AsyncGenerator<ItemChunk> {
    return withMoreItems(this.#ofTraining(chunks), piecesOf(this.#catalogue), this.#itemIds);
  }

  async *#ofTraining(chunks: AsyncIterable<ItemChunk>): AsyncGenerator<ItemChunk> {
    for await (const { itemIds, support } of chunks) {
      const first = support.indexOf(0);
      const trained = first < 0 ? support.length : first;
      for (const id of itemIds.slice(trained)) this.#heldOut.add(id);
      this.#trained += trained;
      if (trained > 0) yield { itemIds: itemIds.slice(0, trained), support: support.subarray(0, trained) };
    }
  }

  renumber(items: Int32Array): Int32Array {
    if (this.#heldOut.length === 0) return items;
    const index = Int32Array.from(this.#heldOut, (id) => this.#itemIds.indexOf(id));
    return items.map((item) => (item < this.#trained ? item : (index[item - this.#trained] as number)));
  }
}
