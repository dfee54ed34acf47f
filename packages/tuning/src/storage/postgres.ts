import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { type DatabaseError, Pool, type QueryResult } from 'pg';
import { canonicalJson } from '../space.ts';
import type { Report, TrialOutcome, TrialRecord } from '../trial.ts';
import {
  reasonOf,
  type StartedTrial,
  StudyError,
  type StudyRecord,
  type StudyStorage,
  storageError,
} from './storage.ts';

/** Which study to open, and how long its coordinators wait. */
export interface StudyDatabaseOptions {
  /** Its name. A database can hold many. */
  readonly study: string;
  /** Milliseconds without a renewal until another coordinator may take a trial. Default: 60,000. */
  readonly leaseMs?: number | undefined;
  /** Milliseconds for which to try to restore a lost connection. Default: 300,000. */
  readonly patienceMs?: number | undefined;
  /** Called with the reason when the connection is lost, before the first attempt to restore it. */
  readonly onLost?: ((reason: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

type Row = Record<string, unknown>;
type Settings = StudyDatabaseOptions & { readonly leaseMs: number; readonly patienceMs: number };

const FORMAT_VERSION = 1;
const CONNECT_MS = 10_000;
const QUERY_MS = 30_000;
const RETRY_MS = 250;
/** Renewals per length of a lease. */
const RENEWALS = 4;

/**
 * A study in the tables of a PostgreSQL database. Statements run one after another. If the connection is lost before the
 * answer of a change arrives, its statement is sent again, so every change is one idempotent statement.
 */
export class PostgresStorage implements StudyStorage {
  readonly place: string;
  readonly renewMs: number;
  readonly #settings: Settings;
  readonly #pool: Pool;
  #last: Promise<unknown> = Promise.resolve();
  /** When the connection was lost, by `performance.now`; undefined while it works. */
  #lostAt: number | undefined;
  readonly #claims = new Map<number, string>();

  constructor(url: string, place: string, settings: Settings) {
    this.place = place;
    this.renewMs = settings.leaseMs / RENEWALS;
    this.#settings = settings;
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

  /** @throws StudyError if the tables have another version. */
  async prepare(): Promise<void> {
    const [found] = (await this.#send(`SELECT to_regclass('gru4rec.format') IS NOT NULL AS there`)).rows;
    if (!found?.['there']) await this.#send(CREATE_TABLES);
    const [row] = (await this.#send('SELECT version FROM gru4rec.format')).rows;
    if (row?.['version'] === FORMAT_VERSION) return;
    throw new StudyError(
      `openStudyDatabase: "url" expected studies of version ${FORMAT_VERSION}, got version ${row?.['version']}, at ${this.place}. Name another database.`,
    );
  }

  async study(): Promise<StudyRecord | undefined> {
    const [row] = (await this.#query(READ_STUDY, [])).rows;
    return row as (Row & StudyRecord) | undefined;
  }

  async begin({ space, direction, sampler, pruner, seed, fingerprint }: StudyRecord): Promise<void> {
    const row = [space, direction, sampler, pruner, seed, fingerprint];
    await this.#query(
      'INSERT INTO gru4rec.studies VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING',
      row.map((value) => (typeof value === 'string' ? value : canonicalJson(value))),
    );
  }

  async trials(): Promise<TrialRecord[]> {
    return (await this.#query(READ_TRIALS, [])).rows.map(toRecord);
  }

  async addTrial({ number, values, startedMs }: StartedTrial): Promise<boolean> {
    const claim = randomUUID();
    const row = [number, JSON.stringify(values), startedMs, claim, this.#settings.leaseMs];
    if ((await this.#query(ADD_TRIAL, row)).rowCount !== 1) return false;
    this.#claims.set(number, claim);
    return true;
  }

  async takeAbandoned(
    below: number,
    startedMs: number,
    trials: readonly number[],
  ): Promise<number | undefined> {
    const claim = randomUUID();
    const values = [below, startedMs, claim, this.#settings.leaseMs, trials];
    const [row] = (await this.#query(TAKE_ABANDONED, values)).rows;
    if (!row) return undefined;
    const number = Number(row['number']);
    this.#claims.set(number, claim);
    return number;
  }

  renew(number: number): Promise<boolean> {
    return this.#change(RENEW, number, [this.#settings.leaseMs]);
  }

  async addReport(number: number, { step, value }: Report): Promise<void> {
    const claim = this.#claims.get(number);
    if (claim) await this.#query(ADD_REPORT, [number, claim, step, exact(value)]);
  }

  async endTrial(number: number, { state, value, error, endedMs }: TrialOutcome): Promise<boolean> {
    const columns = [state, exact(value), error?.replaceAll('\0', '\uFFFD') ?? null, endedMs];
    const ended = await this.#change(END_TRIAL, number, columns);
    this.#claims.delete(number);
    return ended;
  }

  async close(): Promise<void> {
    await this.#last;
    const values = [this.#settings.study, [...this.#claims.values()]];
    // If this fails, the leases expire by themselves.
    if (this.#claims.size > 0) await this.#send(RELEASE, values).catch(() => {});
    const { totalCount, idleCount } = this.#pool;
    const ended = this.#pool.end();
    // A client that failed before it connected, for instance to port 70000, stays in the pool, which then never ends.
    if (totalCount === idleCount) await ended;
  }

  /** @returns whether this coordinator still holds the trial. */
  async #change(text: string, number: number, values: readonly unknown[]): Promise<boolean> {
    const claim = this.#claims.get(number);
    if (claim === undefined) return false;
    const { rowCount } = await this.#query(text, [number, claim, ...values]);
    if (rowCount !== 1) this.#claims.delete(number);
    return rowCount === 1;
  }

  /** Runs a statement whose first parameter is the study's name, after all earlier ones. */
  #query(text: string, values: readonly unknown[]): Promise<QueryResult<Row>> {
    const result = this.#last.then(() => this.#retry(text, [this.#settings.study, ...values]));
    this.#last = result.catch(() => {});
    return result;
  }

  async #retry(text: string, values: readonly unknown[]): Promise<QueryResult<Row>> {
    for (;;) {
      try {
        const result = await this.#send(text, values);
        this.#lostAt = undefined;
        return result;
      } catch (thrown) {
        if (!this.#shouldRetry(thrown)) throw storageError(thrown, this.place);
        await setTimeout(RETRY_MS);
      }
    }
  }

  async #send(text: string, values?: readonly unknown[]): Promise<QueryResult<Row>> {
    try {
      return await this.#pool.query<Row>(text, values?.slice());
    } catch (thrown) {
      throw clearError(thrown);
    }
  }

  #shouldRetry(thrown: unknown): boolean {
    if (!isLoss(thrown)) return false;
    const { patienceMs, onLost, signal } = this.#settings;
    if (this.#lostAt === undefined) {
      this.#lostAt = performance.now();
      onLost?.(reasonOf(thrown));
    }
    return !signal?.aborted && performance.now() - this.#lostAt < patienceMs;
  }
}

/** Classes and codes of PostgreSQL's errors after which the same statement may succeed (manual, appendix A). */
const transient = /^(08...|57P0[1-3]|53300|40001|40P01)$/;

/** Whether an error is of the connection, not of the statement. Errors without a severity come from the network. */
export function isLoss(thrown: unknown): boolean {
  const isAnswer = thrown instanceof Error && 'severity' in thrown;
  return !isAnswer || transient.test((thrown as DatabaseError).code ?? '');
}

/** The first of several, and a clearer one for a missing password. */
export function clearError(thrown: unknown): unknown {
  // A host name with several addresses gives one error per address.
  const error: unknown = thrown instanceof AggregateError ? thrown.errors[0] : thrown;
  if (!(error instanceof Error && /client password must be a/.test(error.message))) return error;
  return new Error('a server that asks for a password, but none in the URL, PGPASSWORD or ~/.pgpass');
}

/** The text that PostgreSQL reads as the same float8. pg itself would write −0 as 0. */
function exact(value: number | undefined): string | null {
  if (value === undefined) return null;
  return Object.is(value, -0) ? '-0' : String(value);
}

function toRecord(row: Row): TrialRecord {
  const reports = (row['reports'] ?? []) as [number, number][];
  return {
    number: Number(row['number']),
    values: row['values'] as TrialRecord['values'],
    state: row['state'] as TrialRecord['state'],
    ...(row['value'] !== null && { value: Number(row['value']) }),
    error: row['error'] !== null ? String(row['error']) : undefined,
    startedMs: Number(row['started_ms']),
    endedMs: row['ended_ms'] !== null ? Number(row['ended_ms']) : undefined,
    reports: reports.map(([step, value]) => ({ step, value })),
  };
}

/**
 * Creates the schema `gru4rec` and those of its tables that are missing. Sent as one text, it is one transaction. The
 * number of the lock is arbitrary.
 *
 * A trial's `claim` identifies the attempt that counts: reports of other attempts are not read. Numbers are stored as
 * float8 or in JSON, which keep every bit. `json`, unlike `jsonb`, accepts every JavaScript string.
 */
const CREATE_TABLES = `
SELECT pg_advisory_xact_lock(4772031);
CREATE SCHEMA IF NOT EXISTS gru4rec;
CREATE TABLE IF NOT EXISTS gru4rec.studies (name text PRIMARY KEY, space json NOT NULL, direction text NOT NULL,
  sampler json NOT NULL, pruner json NOT NULL, seed text NOT NULL, fingerprint json NOT NULL);
CREATE TABLE IF NOT EXISTS gru4rec.trials (study text REFERENCES gru4rec.studies ON DELETE CASCADE, number integer,
  "values" json NOT NULL, state text NOT NULL, value float8, error text, started_ms bigint NOT NULL, ended_ms bigint,
  claim uuid NOT NULL, leased_until timestamptz, PRIMARY KEY (study, number));
CREATE TABLE IF NOT EXISTS gru4rec.reports (study text, trial integer, claim uuid, step bigint, value float8 NOT NULL,
  PRIMARY KEY (study, trial, claim, step),
  FOREIGN KEY (study, trial) REFERENCES gru4rec.trials ON DELETE CASCADE);
CREATE TABLE IF NOT EXISTS gru4rec.format (version integer);
INSERT INTO gru4rec.format SELECT ${FORMAT_VERSION} WHERE NOT EXISTS (SELECT FROM gru4rec.format);`;

const READ_STUDY =
  'SELECT space, direction, sampler, pruner, seed, fingerprint FROM gru4rec.studies WHERE name = $1';

/** Reports are a JSON array of [step, value]. */
const READ_TRIALS = `
SELECT number, "values", state, value, error, started_ms, ended_ms,
  (SELECT json_agg(json_build_array(step, reports.value) ORDER BY step) FROM gru4rec.reports
   WHERE reports.study = trials.study AND trial = number AND reports.claim = trials.claim) AS reports
FROM gru4rec.trials WHERE study = $1 ORDER BY number`;

/** The length of a lease, added to the server's clock, because those of the machines may differ. */
const milliseconds = (parameter: string) => `${parameter}::float8 * interval '1 millisecond'`;

/**
 * Study, number, values, start, claim, lease. If the statement is sent again because its answer was lost, the answer is again
 * that the row was added.
 */
const ADD_TRIAL = `
INSERT INTO gru4rec.trials AS kept (study, number, "values", state, started_ms, claim, leased_until)
VALUES ($1, $2, $3, 'running', $4, $5, clock_timestamp() + ${milliseconds('$6')})
ON CONFLICT (study, number) DO UPDATE SET leased_until = excluded.leased_until WHERE kept.claim = excluded.claim`;

/**
 * Study, exclusive limit of the number, start, claim, lease, numbers to leave out. When the server starts, every lease gets its
 * full length again, because nobody could renew it while the server was down.
 */
const TAKE_ABANDONED = `
UPDATE gru4rec.trials SET claim = $4, started_ms = $3, leased_until = clock_timestamp() + ${milliseconds('$5')}
WHERE study = $1 AND number = (
  SELECT number FROM gru4rec.trials
  WHERE study = $1 AND state = 'running' AND number < $2 AND number <> ALL ($6::integer[]) AND (claim = $4
    OR leased_until IS NULL
    OR greatest(leased_until, pg_postmaster_start_time() + ${milliseconds('$5')}) < clock_timestamp())
  ORDER BY claim = $4 DESC, number LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING number`;

/** Study, number, claim, lease. */
const RENEW = `
UPDATE gru4rec.trials SET leased_until = clock_timestamp() + ${milliseconds('$4')}
WHERE study = $1 AND number = $2 AND claim = $3 AND state = 'running'`;

/** Study, claims. */
const RELEASE = `
UPDATE gru4rec.trials SET leased_until = NULL WHERE study = $1 AND claim = ANY ($2::uuid[]) AND state = 'running'`;

/** Study, trial, claim, step, value. */
const ADD_REPORT = `
INSERT INTO gru4rec.reports SELECT study, number, claim, $4::bigint, $5::float8 FROM gru4rec.trials
WHERE study = $1 AND number = $2 AND claim = $3 ON CONFLICT DO NOTHING`;

/** Study, number, claim, state, value, error, end. */
const END_TRIAL = `
UPDATE gru4rec.trials SET state = $4, value = $5, error = $6, ended_ms = $7, leased_until = NULL
WHERE study = $1 AND number = $2 AND claim = $3`;
