import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBDataChunk } from '@duckdb/node-api';
import { BadRowList } from '../../bad-rows.ts';
import { splitNumbers } from '../../events/event-set.ts';
import { keptColumns } from '../../input/columns.ts';
import { openInput } from '../../input/input-file.ts';
import type { CheckedOptions } from '../../options.ts';
import type { Backend, EventSelection, LoadedFile, LoadedLog, OnFile, TimeSql } from '../backend.ts';
import { appendTexts } from './chunk-values.ts';
import { DuckDb, naming, quote } from './duckdb.ts';
import { duckDbTime } from './duckdb-time.ts';
import { RawTable } from './raw-table.ts';
import { loadedFile, loadFile } from './read.ts';

const SESSIONS_PER_USER = 2 ** 30;

export class DuckDbBackend implements Backend {
  readonly #db: DuckDb;
  readonly #options: CheckedOptions;
  readonly #scratch: string;
  readonly #context: string;

  // DuckDB tables keep the order of their rows.
  readonly place: Backend['place'] = { raw: 'rowid', sorted: 'rowid' };
  readonly time: TimeSql = duckDbTime;
  #made = 0;
  #raw: RawTable | undefined;
  /** SQL: the position of an event in table `event_rows`. */
  #ord = 'rowid';

  private constructor(db: DuckDb, options: CheckedOptions, scratch: string) {
    this.#db = db;
    this.#options = options;
    this.#scratch = scratch;
    this.#context = keptColumns(options).length > 0 ? ', context' : '';
  }

  static async open(options: CheckedOptions, scratch: string): Promise<DuckDbBackend> {
    const directory = join(scratch, 'duckdb');
    await mkdir(directory);
    const { inputs, testInputs = [], memoryLimit, threads, signal } = options;
    const files = [...inputs, ...testInputs];
    const db = await DuckDb.open({ directory, folders: [scratch], files, memoryLimit, threads, signal });
    return new DuckDbBackend(db, options, scratch);
  }

  async read(onFile: OnFile): Promise<LoadedLog> {
    const { inputs, testInputs = [] } = this.#options;
    const all = [...inputs, ...testInputs];
    const raw = await RawTable.create(this.#db, this.#options);
    this.#raw = raw;
    const files: LoadedFile[] = [];
    const badRows = new BadRowList();
    let firstRow = 0;
    for (const [index, file] of all.entries()) {
      onFile(file, index, all.length);
      const scratch = join(this.#scratch, `input-${index}`);
      await mkdir(scratch);
      const input = await naming(file, openInput(file, scratch, this.#options));
      const loading = { scratch, raw, badRows, options: this.#options };
      const hasTimestamps = await naming(file, loadFile(this.#db, input, loading));
      const { total = 0 } = await this.numbers('SELECT count(*) AS total FROM raw');
      const isTest = index >= inputs.length;
      files.push(loadedFile(input, { isTest, firstRow, endRow: total, hasTimestamps }));
      firstRow = total;
    }
    return { files, badRows };
  }

  quote(text: string): string {
    return quote(text);
  }

  async createView(name: string, query: string): Promise<void> {
    await this.#db.run(`CREATE VIEW ${name} AS ${query}`);
  }

  async createTable(name: string, query: string): Promise<void> {
    await this.#db.run(`CREATE TABLE ${name} AS ${query}`);
  }

  async replaceTable(name: string, query: string): Promise<void> {
    await this.#db.run(`CREATE OR REPLACE TABLE ${name} AS ${query}`);
  }

  async drop(name: string): Promise<void> {
    await this.#db.run(`DROP TABLE ${name}`);
  }

  /**
   * Names become numbers before sorting, because numbers compare faster. An integer id is its own number, but with test inputs
   * numbers of their sessions are odd. A row's place is its rowid, which nothing changes: a column of row numbers would be
   * written by one thread.
   */
  async createSorted(query: string): Promise<void> {
    if (!this.#isOwnSession) await this.#createNames('session');
    if (!this.#isInteger('item')) await this.#createNames('item');
    const isTest = `CASE WHEN split = ${splitNumbers.test} THEN 1 ELSE 0 END`;
    const session = this.#isOwnSession ? 'e.session' : `2 * s.number + ${isTest}`;
    const item = this.#isInteger('item') ? 'e.item' : 'i.number';
    await this.createTable(
      'sorted',
      `SELECT ${session} AS session, ${item} AS item, ms, split${this.#context}
       FROM (${query}) e
       ${this.#isOwnSession ? '' : 'JOIN session_names s ON s.name = e.session'}
       ${this.#isInteger('item') ? '' : 'JOIN item_names i ON i.name = e.item'}
       ORDER BY ms, pos`,
    );
    await this.#db.run('DROP VIEW judged; DROP TABLE raw');
  }

  async #createNames(column: 'session' | 'item'): Promise<void> {
    await this.createTable(
      `${column}_names`,
      `SELECT row_number() OVER () - 1 AS number, name
       FROM (SELECT DISTINCT ${column} AS name FROM raw WHERE ${column} IS NOT NULL)`,
    );
  }

  #isInteger(column: 'session' | 'item'): boolean {
    return this.#raw?.isInteger(column) ?? false;
  }

  get #isOwnSession(): boolean {
    const { userColumn, testInputs } = this.#options;
    return this.#isInteger('session') && userColumn === undefined && testInputs === undefined;
  }

  sessionOfUser(user: string, n: string): string {
    return `${user} * ${SESSIONS_PER_USER} + ${n}`;
  }

  get named(): Backend['named'] {
    return { sessions: this.#namedSessions, items: this.#namedItems };
  }

  get #namedItems(): string {
    if (this.#isInteger('item')) return '(SELECT *, CAST(item AS VARCHAR) AS name FROM item_index)';
    return '(SELECT item_index.*, name FROM item_index JOIN item_names ON number = item)';
  }

  get #namedSessions(): string {
    if (this.#isOwnSession) return '(SELECT *, CAST(session AS VARCHAR) AS name FROM session_index)';
    const [number, name] =
      this.#options.userColumn === undefined
        ? ['session // 2', 'CAST(name AS VARCHAR)']
        : [`session // ${2 * SESSIONS_PER_USER}`, `name || '#' || session % ${SESSIONS_PER_USER}`];
    return `(SELECT session_index.*, ${name} AS name FROM session_index JOIN session_names ON number = ${number})`;
  }

  async createEvents(source: 'sorted' | 'cut'): Promise<void> {
    this.#ord = source === 'sorted' ? 'rowid' : 'ord';
    await this.#db.run(`
      ALTER TABLE ${source} RENAME TO event_rows;
      CREATE VIEW events AS SELECT ${this.#ord} AS ord, session, item, ms, split${this.#context} FROM event_rows`);
  }

  async learnItems(names: AsyncIterable<readonly string[]>): Promise<void> {
    await this.#db.run('CREATE TABLE given_names (name VARCHAR)');
    await appendTexts(this.#db, 'given_names', names);
    const known = this.#isInteger('item')
      ? `SELECT item FROM (SELECT name, TRY_CAST(name AS BIGINT) AS item FROM given_names) WHERE CAST(item AS VARCHAR) = name`
      : 'SELECT number AS item FROM item_names JOIN given_names USING (name)';
    await this.createTable('known_items', known);
    await this.drop('given_names');
  }

  async remove(selection: EventSelection): Promise<void> {
    await this.#db.run(`DELETE FROM event_rows WHERE ${this.#condition(selection)}`);
  }

  async move(selection: EventSelection, split: number): Promise<void> {
    await this.#db.run(`UPDATE event_rows SET split = ${split} WHERE ${this.#condition(selection)}`);
  }

  #condition({ column, among, split }: EventSelection): string {
    const isSelected = `${column === 'ord' ? this.#ord : column} IN (${among})`;
    return split === undefined ? isSelected : `split = ${split} AND ${isSelected}`;
  }

  async createItemIndex(query: string): Promise<void> {
    const number = 'CAST(row_number() OVER (ORDER BY support = 0, first) - 1 AS INTEGER)';
    await this.createTable('item_index', `SELECT item, ${number} AS item_index, support FROM (${query})`);
  }

  rows(sql: string): Promise<Record<string, unknown>[]> {
    return this.#db.rows(sql);
  }

  numbers<Name extends string>(sql: string): Promise<Record<Name, number>> {
    return this.#db.numbers(sql);
  }

  /** Through a table, so that two statements that sort never run at the same time: each may use the whole memory. */
  async *chunks(sql: string): AsyncGenerator<DuckDBDataChunk> {
    const table = `rows_${this.#made++}`;
    await this.createTable(table, sql);
    try {
      yield* this.#db.chunks(`SELECT * FROM ${table}`);
    } finally {
      await this.drop(table);
    }
  }

  get progress(): number {
    return this.#db.progress;
  }

  async close(): Promise<void> {
    this.#db.close();
  }
}
