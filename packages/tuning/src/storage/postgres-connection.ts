import { setTimeout } from 'node:timers/promises';
import { Pool, type QueryResult } from 'pg';
import { isLoss, reasonOf, toldError } from './postgres-error.ts';

/** A row by column. */
export type Row = Record<string, unknown>;

/** How a connection behaves. */
export interface ConnectionOptions {
  /** Milliseconds for which a lost connection is tried again. */
  readonly patienceMs: number;
  /** Called when the connection is lost, with the reason, once until it is back. */
  readonly onLost?: ((reason: string) => void) | undefined;
  /** Ends the tries. */
  readonly signal?: AbortSignal | undefined;
}

const CONNECT_MS = 10_000;
const QUERY_MS = 30_000;
const RETRY_MS = 250;

/** One connection to a database that is made again when it is lost; a query waits for the one before. */
export class PostgresConnection {
  readonly #pool: Pool;
  readonly #options: ConnectionOptions;
  #last: Promise<unknown> = Promise.resolve();
  /** When the connection was lost, by `performance.now`; undefined while it is there. */
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
    // Lost between two queries: the next one connects again, or tells.
    this.#pool.on('error', () => {});
  }

  /**
   * Runs a statement after all earlier ones, several times if the connection is lost before the answer: to have run it
   * twice must be as good as once.
   *
   * @throws what pg says, as `toldError` puts it, once patience is over or at once if it is of the statement.
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
    // A client that could not even begin to connect, as of port 70000, stays in the pool, which then never ends.
    if (totalCount === idleCount) await ended;
  }

  async #retry(sql: string, values?: readonly unknown[]): Promise<QueryResult<Row>> {
    for (;;) {
      try {
        const result = await this.#send(sql, values);
        this.#lostAt = undefined;
        return result;
      } catch (thrown) {
        if (!this.#mayComeBack(thrown)) throw thrown;
        await setTimeout(RETRY_MS);
      }
    }
  }

  async #send(sql: string, values?: readonly unknown[]): Promise<QueryResult<Row>> {
    try {
      return await this.#pool.query<Row>(sql, values?.slice());
    } catch (thrown) {
      throw toldError(thrown);
    }
  }

  #mayComeBack(thrown: unknown): boolean {
    if (!isLoss(thrown)) return false;
    const { patienceMs, onLost, signal } = this.#options;
    if (this.#lostAt === undefined) {
      this.#lostAt = performance.now();
      onLost?.(reasonOf(thrown));
    }
    return !signal?.aborted && performance.now() - this.#lostAt < patienceMs;
  }
}
