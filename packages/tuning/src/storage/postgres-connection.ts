import { setTimeout } from 'node:timers/promises';
import { Pool, type QueryResult } from 'pg';
import { clearError, isLoss, reasonOf } from './postgres-error.ts';

/** Values of a row by column. */
export type Row = Record<string, unknown>;

/** What to do when the connection is lost. */
export interface ConnectionOptions {
  /** Milliseconds for which to try to reconnect. */
  readonly patienceMs: number;
  /** Called once per loss, with the reason. */
  readonly onLost?: ((reason: string) => void) | undefined;
  /** Ends the attempts to reconnect. */
  readonly signal?: AbortSignal | undefined;
}

const CONNECT_MS = 10_000;
const QUERY_MS = 30_000;
const RETRY_MS = 250;

/** One connection to a database, which reconnects when it is lost. Queries run one after another. */
export class PostgresConnection {
  readonly #pool: Pool;
  readonly #options: ConnectionOptions;
  #last: Promise<unknown> = Promise.resolve();
  /** When the connection was lost, by `performance.now`; undefined while it works. */
  #lostAt: number | undefined;

  constructor(url: string, options: ConnectionOptions) {
    this.#options = options;
    this.#pool = new Pool({
      connectionString: url,
      max: 1,
      idleTimeoutMillis: 0,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: QUERY_MS,
      keepAlive: true,
      fallback_application_name: 'gru4rec',
    });
    // The connection was lost between two queries: the next query reconnects or throws.
    this.#pool.on('error', () => {});
  }

  /**
   * Runs a statement after all earlier ones. If the connection is lost before the answer arrives, the statement is sent
   * again, so it must be idempotent.
   *
   * @throws the error of pg, passed through `clearError`: at once if the statement fails, after `patienceMs` if the
   *   connection stays lost.
   */
  query(sql: string, values?: readonly unknown[]): Promise<QueryResult<Row>> {
    const result = this.#last.then(() => this.#retry(sql, values));
    this.#last = result.catch(() => {});
    return result;
  }

  /** Runs a statement after all earlier ones, once. */
  async queryOnce(sql: string, values?: readonly unknown[]): Promise<QueryResult<Row>> {
    await this.#last;
    return this.#send(sql, values);
  }

  async close(): Promise<void> {
    await this.#last;
    const { totalCount, idleCount } = this.#pool;
    const ended = this.#pool.end();
    // A client that failed before it connected, for instance to port 70000, stays in the pool, which then never ends.
    if (totalCount === idleCount) await ended;
  }

  async #retry(sql: string, values?: readonly unknown[]): Promise<QueryResult<Row>> {
    for (;;) {
      try {
        const result = await this.#send(sql, values);
        this.#lostAt = undefined;
        return result;
      } catch (thrown) {
        if (!this.#shouldRetry(thrown)) throw thrown;
        await setTimeout(RETRY_MS);
      }
    }
  }

  async #send(sql: string, values?: readonly unknown[]): Promise<QueryResult<Row>> {
    try {
      return await this.#pool.query<Row>(sql, values?.slice());
    } catch (thrown) {
      throw clearError(thrown);
    }
  }

  #shouldRetry(thrown: unknown): boolean {
    if (!isLoss(thrown)) return false;
    const { patienceMs, onLost, signal } = this.#options;
    if (this.#lostAt === undefined) {
      this.#lostAt = performance.now();
      onLost?.(reasonOf(thrown));
    }
    return !signal?.aborted && performance.now() - this.#lostAt < patienceMs;
  }
}
