import { randomUUID } from 'node:crypto';
import type { QueryResult } from 'pg';
import { canonicalJson, type Json } from '../json.ts';
import { StudyError } from '../study-error.ts';
import type { Report, TrialOutcome, TrialRecord } from '../trial.ts';
import { checkStudy, checkTrials } from './kept-study.ts';
import type { PostgresConnection, Row } from './postgres-connection.ts';
import { reasonOf } from './postgres-error.ts';
import * as sql from './postgres-tables.ts';
import type { SharedStorage, StartedTrial, StudyRecord } from './storage.ts';

/** A study of a database, and the length of its leases. */
export interface PostgresStudy {
  readonly name: string;
  /** Where it is stored, for messages. */
  readonly place: string;
  readonly leaseMs: number;
}

/** Renewals per length of a lease. */
const RENEWALS = 4;

/** A study in the tables of a PostgreSQL database. Every change is one idempotent statement. */
export class PostgresStorage implements SharedStorage {
  readonly place: string;
  readonly renewMs: number;
  readonly #connection: PostgresConnection;
  readonly #study: PostgresStudy;
  /** Claim of each trial that this coordinator runs, by number. */
  readonly #claims = new Map<number, string>();

  constructor(connection: PostgresConnection, study: PostgresStudy) {
    this.#connection = connection;
    this.#study = study;
    this.place = study.place;
    this.renewMs = study.leaseMs / RENEWALS;
  }

  async study(): Promise<StudyRecord | undefined> {
    const [row] = (await this.#query(sql.readStudy, [])).rows;
    return row && checkStudy(row, this.place);
  }

  async begin({ space, direction, sampler, pruner, seed, fingerprint }: StudyRecord): Promise<void> {
    const json = (value: Json) => canonicalJson(value);
    await this.#query(sql.addStudy, [
      json(space),
      direction,
      json(sampler),
      json(pruner),
      seed,
      json(fingerprint),
    ]);
  }

  async trials(): Promise<TrialRecord[]> {
    return checkTrials((await this.#query(sql.readTrials, [])).rows.map(toRecord), this.place);
  }

  async addTrial({ number, values, startedMs }: StartedTrial): Promise<boolean> {
    const claim = randomUUID();
    const added = await this.#query(sql.addTrial, [
      number,
      JSON.stringify(values),
      startedMs,
      claim,
      this.#study.leaseMs,
    ]);
    if (added.rowCount !== 1) return false;
    this.#claims.set(number, claim);
    return true;
  }

  async takeAbandoned(below: number, startedMs: number): Promise<number | undefined> {
    const claim = randomUUID();
    const held = [...this.#claims.keys()];
    const { leaseMs } = this.#study;
    const [row] = (await this.#query(sql.takeAbandoned, [below, startedMs, claim, leaseMs, held])).rows;
    if (!row) return undefined;
    const number = Number(row['number']);
    this.#claims.set(number, claim);
    return number;
  }

  async renew(number: number): Promise<boolean> {
    return this.#change(sql.renewLease, number, [this.#study.leaseMs]);
  }

  async addReport(number: number, { step, value }: Report): Promise<void> {
    const claim = this.#claims.get(number);
    if (claim) await this.#query(sql.addReport, [number, claim, step, exact(value)]);
  }

  async endTrial(number: number, { state, value, error, endedMs }: TrialOutcome): Promise<boolean> {
    const columns = [state, exact(value), error?.replaceAll('\0', '\uFFFD') ?? null, endedMs];
    const ended = await this.#change(sql.endTrial, number, columns);
    this.#claims.delete(number);
    return ended;
  }

  async close(): Promise<void> {
    const values = [this.#study.name, [...this.#claims.values()]];
    // If this fails, the leases expire by themselves.
    if (this.#claims.size > 0) await this.#connection.queryOnce(sql.releaseLeases, values).catch(() => {});
    await this.#connection.close();
  }

  /** Changes a trial that this coordinator holds. @returns whether it still does. */
  async #change(text: string, number: number, values: readonly unknown[]): Promise<boolean> {
    const claim = this.#claims.get(number);
    if (claim === undefined) return false;
    const { rowCount } = await this.#query(text, [number, claim, ...values]);
    if (rowCount !== 1) this.#claims.delete(number);
    return rowCount === 1;
  }

  /** Runs a statement whose first parameter is the study's name. */
  async #query(text: string, values: readonly unknown[]): Promise<QueryResult<Row>> {
    try {
      return await this.#connection.query(text, [this.#study.name, ...values]);
    } catch (cause) {
      throw new StudyError(
        `runStudy: "storage" expected to be readable and writable, got ${reasonOf(cause)}, at ${this.place}. Fix the cause and run the study again to continue it.`,
        { cause },
      );
    }
  }
}

/** The text that PostgreSQL reads as the same float8. pg itself would write −0 as 0. */
function exact(value: number | undefined): string | null {
  if (value === undefined) return null;
  return Object.is(value, -0) ? '-0' : String(value);
}

/** Makes a trial record of a row, to be checked by `checkTrials`. */
function toRecord(row: Row): unknown {
  const reports = (row['reports'] ?? []) as [number, number][];
  return {
    number: Number(row['number']),
    values: row['values'],
    state: row['state'],
    ...(row['value'] !== null && { value: row['value'] }),
    ...(row['error'] !== null && { error: row['error'] }),
    startedMs: Number(row['started_ms']),
    ...(row['ended_ms'] !== null && { endedMs: Number(row['ended_ms']) }),
    reports: reports.map(([step, value]) => ({ step, value })),
  };
}
