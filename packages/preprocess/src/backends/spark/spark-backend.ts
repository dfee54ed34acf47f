import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { access, copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import type { DuckDBDataChunk } from '@duckdb/node-api';
import { DataError } from '@gru4rec/dataset';
import { keptColumns } from '../../input/columns.ts';
import type { CheckedOptions, SparkOptions } from '../../options.ts';
import type { Backend, EventSelection, LoadedLog, OnFile } from '../backend.ts';
import { DuckDb, fileName, numbersIn } from '../duckdb/duckdb.ts';
import { readWithSpark, sparkQuote, sparkTime } from './spark-input.ts';
import { SPARK_LOG, SparkError, SparkSql } from './spark-sql.ts';

interface SparkBackendParts {
  readonly spark: SparkSql;
  readonly reader: DuckDb;
  readonly tables: string;
}

/**
 * Every table is a folder of Parquet files, which survives the loss of a worker. Numbering sessions and items takes a join that
 * costs more than it saves.
 */
class SparkBackend implements Backend {
  readonly #parts: SparkBackendParts;
  readonly #options: CheckedOptions;
  #made = 0;
  readonly #newest = new Map<string, string>();

  readonly place: Backend['place'] = { raw: 'pos', sorted: 'ord' };
  readonly time: Backend['time'] = sparkTime;
  readonly named: Backend['named'] = {
    // Follows the split and a colon: see `createEvents`.
    sessions: '(SELECT *, substring(session, 3) AS name FROM session_index)',
    items: '(SELECT *, item AS name FROM item_index)',
  };

  constructor(parts: SparkBackendParts, options: CheckedOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  sessionOfUser(user: string, n: string): string {
    return `${user} || '#' || ${n}`;
  }

  read(onFile: OnFile): Promise<LoadedLog> {
    return readWithSpark(this.#parts.spark, this.#options, onFile);
  }

  quote(text: string): string {
    return sparkQuote(text);
  }

  async createView(name: string, query: string): Promise<void> {
    await this.#parts.spark.lines(`CREATE OR REPLACE TEMPORARY VIEW ${name} AS ${query}`);
  }

  createTable(name: string, query: string): Promise<void> {
    return this.#parts.spark.createTable(name, query);
  }

  async replaceTable(name: string, query: string): Promise<void> {
    const table = `${name}_${this.#made++}`;
    await this.createTable(table, query);
    await this.createView(name, `SELECT * FROM ${table}`);
    const before = this.#newest.get(name);
    if (before !== undefined) await this.drop(before);
    this.#newest.set(name, table);
  }

  async drop(name: string): Promise<void> {
    if (name !== 'sorted') return this.#parts.spark.dropTable(name);
    for (const view of ['sorted', 'judged', 'raw']) await this.#parts.spark.lines(`DROP VIEW ${view}`);
    for (const table of ['records', 'blocks']) await this.#parts.spark.dropTable(table);
  }

  /** A view: rows are sorted where they are used. */
  createSorted(query: string): Promise<void> {
    const ord = "named_struct('ms', ms, 'pos', pos)";
    return this.createView(
      'sorted',
      `SELECT ${ord} AS ord, session, item, ms, split${this.#context} FROM (${query})`,
    );
  }

  async createEvents(source: 'sorted' | 'cut'): Promise<void> {
    await this.replaceTable(
      'events',
      `SELECT ord, concat(split, ':', session) AS session, item, ms, split${this.#context} FROM ${source}`,
    );
    await this.drop(source);
  }

  async learnItems(names: AsyncIterable<readonly string[]>): Promise<void> {
    const file = join(this.#parts.tables, 'known-items.jsonl');
    await writeFile(file, Readable.from(linesOf(names)));
    const path = sparkQuote(pathToFileURL(file).href);
    await this.#parts.spark.lines(
      `CREATE TEMPORARY VIEW known_items (item STRING) USING json OPTIONS (path ${path})`,
    );
  }

  async remove(selection: EventSelection): Promise<void> {
    const { from, isSelected } = selected(selection);
    await this.replaceTable('events', `SELECT e.* FROM ${from} WHERE NOT (${isSelected})`);
  }

  async move(selection: EventSelection, split: number): Promise<void> {
    const { from, isSelected } = selected(selection);
    await this.replaceTable(
      'events',
      `SELECT ord, e.session, item, ms, CASE WHEN ${isSelected} THEN ${split} ELSE split END AS split${this.#context} FROM ${from}`,
    );
  }

  /** Numbers sorted partitions separately and adds offsets, because a window over all items would sort them in one task. */
  async createItemIndex(query: string): Promise<void> {
    await this.createTable(
      'item_order',
      `SELECT item, support, monotonically_increasing_id() AS place
       FROM (SELECT item, support FROM (${query}) ORDER BY support = 0, first)`,
    );
    const parts = 'SELECT shiftright(place, 33) AS part, count(*) AS items FROM item_order GROUP BY 1';
    await this.createTable(
      'item_index',
      `SELECT /*+ BROADCAST(p) */ item, support, CAST(before + place - shiftleft(part, 33) AS INTEGER) AS item_index
       FROM item_order JOIN (SELECT part, sum(items) OVER (ORDER BY part) - items AS before FROM (${parts})) p
         ON shiftright(place, 33) = part`,
    );
    await this.drop('item_order');
  }

  get #context(): string {
    return keptColumns(this.#options).length > 0 ? ', context' : '';
  }

  rows(sql: string): Promise<Record<string, unknown>[]> {
    return this.#parts.spark.rows(sql);
  }

  async numbers<Name extends string>(sql: string): Promise<Record<Name, number>> {
    return numbersIn(await this.rows(sql));
  }

  /** Spark writes the parts of a sorted result in order of their names. */
  async *chunks(sql: string): AsyncGenerator<DuckDBDataChunk> {
    const { reader, tables } = this.#parts;
    const name = `result_${this.#made++}`;
    await this.createTable(name, sql);
    const parts = (await readdir(join(tables, name))).filter((file) => file.endsWith('.parquet'));
    const files = parts.toSorted((a, b) => partNumber(a) - partNumber(b) || (a < b ? -1 : 1));
    const list = files.map((file) => fileName(join(tables, name, file))).join(', ');
    try {
      yield* reader.chunks(`SELECT * FROM read_parquet([${list}], hive_partitioning = false)`);
    } finally {
      await this.drop(name);
    }
  }

  get progress(): number {
    return this.#parts.spark.progress;
  }

  async close(): Promise<void> {
    this.#parts.reader.close();
    await this.#parts.spark.close();
  }
}

async function* linesOf(names: AsyncIterable<readonly string[]>): AsyncGenerator<string> {
  for await (const piece of names) yield piece.map((item) => `${JSON.stringify({ item })}\n`).join('');
}

function selected({ column, among, split }: EventSelection): {
  from: string;
  isSelected: string;
} {
  const from = `events e LEFT JOIN (${among}) k ON e.${column} = k.${column}`;
  const isAmong = `k.${column} IS NOT NULL`;
  return { from, isSelected: split === undefined ? isAmong : `e.split = ${split} AND ${isAmong}` };
}

function partNumber(file: string): number {
  return Number(/^part-(\d+)/.exec(file)?.[1]);
}

/** Spark's tables are removed at the end, or when the process exits. */
export async function withSpark<Result>(
  options: CheckedOptions & { readonly spark: SparkOptions },
  scratch: string,
  use: (backend: SparkBackend) => Promise<Result>,
): Promise<Result> {
  const { spark: settings, output } = options;
  await checkHome(settings.home);
  const directory = join(scratch, 'spark');
  const tables = resolve(settings.folder ?? scratch, `gru4rec-${randomUUID()}`);
  const removeTables = () => rmSync(tables, { recursive: true, force: true });
  process.prependOnceListener('exit', removeTables);
  try {
    await mkdir(directory);
    await makeTables(tables, settings.folder);
    const backend = await open(options, { directory, tables });
    try {
      return await use(backend);
    } finally {
      await backend.close();
    }
  } catch (error) {
    throw error instanceof SparkError ? await failure(error, join(directory, SPARK_LOG), output) : error;
  } finally {
    process.off('exit', removeTables);
    await rm(tables, { recursive: true, force: true });
  }
}

async function checkHome(home: string): Promise<void> {
  await access(join(home, 'bin', 'spark-sql')).catch((cause: unknown) => {
    const message = `prepare: "sparkHome" expected a folder of Spark with bin/spark-sql, got none, at ${home}.`;
    throw new DataError(message, { file: home, cause });
  });
}

async function makeTables(tables: string, folder: string | undefined): Promise<void> {
  await mkdir(tables).catch((cause: unknown) => {
    if (folder === undefined) throw cause;
    const message = `prepare: "sparkFolder" expected a folder that can be written to, got ${(cause as Error).message}, at ${folder}.`;
    throw new DataError(message, { file: folder, cause });
  });
}

async function open(
  options: CheckedOptions & { readonly spark: SparkOptions },
  { directory, tables }: { readonly directory: string; readonly tables: string },
): Promise<SparkBackend> {
  const { home, master, conf = {} } = options.spark;
  const spark = await SparkSql.open({
    home: resolve(home),
    master,
    directory,
    conf: { ...unlessSaid, ...conf, ...fixed, 'spark.sql.warehouse.dir': tables },
  });
  const [version = ''] = await spark.lines('SELECT version()');
  if (!version.startsWith('3.5.')) {
    await spark.close();
    throw new DataError(
      `prepare: "sparkHome" expected Spark 3.5, got ${version.split(' ')[0]}, at ${home}.`,
      {
        file: home,
      },
    );
  }
  const reader = await DuckDb.open({ directory: join(directory, 'duckdb'), folders: [tables] });
  return new SparkBackend({ spark, reader, tables }, options);
}

const unlessSaid = { 'spark.ui.showConsoleProgress': 'true' };

const fixed = {
  'spark.sql.ansi.enabled': 'false',
  'spark.sql.caseSensitive': 'true',
  'spark.sql.catalogImplementation': 'in-memory',
  'spark.sql.cli.print.header': 'false',
  'spark.sql.files.ignoreCorruptFiles': 'false',
  'spark.sql.files.ignoreMissingFiles': 'false',
  'spark.sql.parquet.binaryAsString': 'true',
  'spark.sql.parser.escapedStringLiterals': 'false',
  'spark.sql.session.timeZone': 'UTC',
  'spark.sql.variable.substitute': 'false',
};

async function failure(error: SparkError, log: string, output: string): Promise<DataError> {
  const kept = `${resolve(output)}.spark.log`;
  const isKept = await copyFile(log, kept).then(
    () => true,
    () => false,
  );
  const place = isKept ? ` Its log: ${kept}.` : '';
  const said = error.message.replace(/[.;]$/, '');
  return new DataError(`prepare: Spark expected to finish, got: ${said}.${place}`, { cause: error });
}
