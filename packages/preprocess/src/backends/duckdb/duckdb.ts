import { resolve } from 'node:path';
import {
  type DuckDBAppender,
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBValue,
} from '@duckdb/node-api';

/** The most rows that DuckDB takes at once. */
export const MAX_CHUNK_ROWS = 2048;

/** Where DuckDB works, and with how much. */
export interface DuckDbOptions {
  /** An empty folder, on the disk that takes what memory cannot. */
  readonly directory: string;
  /** Folders whose files are read, besides `directory`: a statement cannot reach any other. */
  readonly folders?: readonly string[];
  /** Files that are read besides. */
  readonly files?: readonly string[];
  readonly memoryLimit?: string | undefined;
  readonly threads?: number | undefined;
}

/**
 * A DuckDB database whose tables spill to a scratch folder. A database file there instead takes a tenth longer, and
 * twice as long on small logs, where every statement waits for the disk.
 */
export class DuckDb {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  /** With those that read chunks. */
  readonly #connections = new Set<DuckDBConnection>();
  readonly #interrupt = (): void => {
    for (const connection of this.#connections) connection.interrupt();
  };

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
    this.#connections.add(connection);
    // Before the listener that removes the folder which statements write to.
    process.prependOnceListener('exit', this.#interrupt);
  }

  static async open(options: DuckDbOptions): Promise<DuckDb> {
    const { directory, memoryLimit, threads } = options;
    const instance = await DuckDBInstance.create(':memory:', {
      temp_directory: `${directory}/spill`,
      // Nothing is downloaded: what we need is built in.
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
      // Rows must keep the order of the file they come from.
      preserve_insertion_order: 'true',
      // Memory that is free goes back to the system at once, as the limit does not count it.
      allocator_background_threads: 'true',
      ...(memoryLimit !== undefined && { memory_limit: memoryLimit }),
      ...(threads !== undefined && { threads: String(threads) }),
    });
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    // In this order: how far a statement is is known to those alone who ask for a bar, which is printed at once.
    await connection.run('SET enable_progress_bar_print = false');
    await connection.run('SET enable_progress_bar = true');
    await connection.run('SET progress_bar_time = 0');
    await connection.run(restrictions(options));
    return new DuckDb(instance, connection);
  }

  /** Runs statements for their effect. */
  async run(sql: string): Promise<void> {
    await this.#connection.run(sql);
  }

  /** Appends to a table; the caller flushes and closes it. */
  async appender(table: string): Promise<DuckDBAppender> {
    return this.#connection.createAppender(table);
  }

  /** All rows, as objects by column. */
  async rows(sql: string): Promise<Record<string, DuckDBValue>[]> {
    const reader = await this.#connection.runAndReadAll(sql);
    return reader.getRowObjects();
  }

  /** The only row, its values as numbers. */
  async numbers(sql: string): Promise<Record<string, number>> {
    const [row = {}] = await this.rows(sql);
    return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)]));
  }

  /** The rows as they come, in chunks, on a connection of their own: several may be open at once. */
  async *chunks(sql: string): AsyncGenerator<DuckDBDataChunk> {
    const connection = await this.#instance.connect();
    this.#connections.add(connection);
    try {
      const result = await connection.stream(sql);
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) return;
        yield chunk;
      }
    } finally {
      this.#connections.delete(connection);
      connection.closeSync();
    }
  }

  /** Of the running statement, from 0 to 1; 0 where DuckDB cannot tell. */
  get progress(): number {
    return Math.max(0, this.#connection.progress.percentage) / 100;
  }

  close(): void {
    process.off('exit', this.#interrupt);
    this.#connection.closeSync();
    this.#instance.closeSync();
  }
}

/** From then on, no setting can be changed. */
function restrictions({ directory, folders = [], files = [] }: DuckDbOptions): string {
  const list = (paths: readonly string[]) => `[${paths.map((path) => quote(resolve(path))).join(', ')}]`;
  // A file is looked for by its pattern and opened by its name.
  const names = files.flatMap((file) => [file, pathPattern(file)]);
  const paths = names.length === 0 ? '' : `SET allowed_paths = ${list(names)};`;
  return `SET allowed_directories = ${list([directory, ...folders])}; ${paths}
    SET enable_external_access = false; SET lock_configuration = true`;
}

/** A path as DuckDB takes it, which reads `*`, `?` and `[` as patterns. */
export function pathPattern(path: string): string {
  return resolve(path).replace(/[*?[]/g, '[$&]');
}

/** A text as an SQL literal. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
