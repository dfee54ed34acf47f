import {
  DOUBLE,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBValue,
  SQLNULL,
  VARCHAR,
} from '@duckdb/node-api';
import { canonicalJson } from '../json.ts';
import { StudyError } from '../study-error.ts';
import type { Report, TrialOutcome, TrialRecord } from '../trial.ts';
import { checkStudy, checkTrials } from './kept-study.ts';
import type { StartedTrial, StudyRecord, StudyStorage } from './storage.ts';

type Row = Record<string, DuckDBValue>;

/** A study in the tables of an open DuckDB database. Every statement is its own transaction. */
export class DuckDbStorage implements StudyStorage {
  readonly place: string;
  readonly #connection: DuckDBConnection;
  readonly #close: () => void;
  #last: Promise<unknown> = Promise.resolve();

  constructor(place: string, connection: DuckDBConnection, close: () => void) {
    this.place = place;
    this.#connection = connection;
    this.#close = close;
  }

  async study(): Promise<StudyRecord | undefined> {
    const [row] = await this.#rows('SELECT * FROM study');
    if (!row) return undefined;
    const json = ['space', 'sampler', 'pruner', 'fingerprint'].map((name) => [name, parse(row[name])]);
    return checkStudy({ ...row, ...Object.fromEntries(json) }, this.place);
  }

  async begin(study: StudyRecord): Promise<void> {
    const json = [study.space, study.sampler, study.pruner, study.fingerprint].map(canonicalJson);
    const [space, sampler, pruner, fingerprint] = json;
    await this.#rows('INSERT INTO study VALUES (?, ?, ?, ?, ?, ?)', [
      space,
      study.direction,
      sampler,
      pruner,
      study.seed,
      fingerprint,
    ]);
  }

  async trials(): Promise<TrialRecord[]> {
    const trials = await this.#rows(
      `SELECT number, "values", state, value, error, epoch_ms(started) AS started, epoch_ms(ended) AS ended
       FROM trials ORDER BY number`,
    );
    const reports = await this.#rows('SELECT trial, step, value FROM reports ORDER BY trial, step');
    const byTrial = new Map<number, Report[]>(trials.map(({ number }) => [Number(number), []]));
    for (const { trial, step, value } of reports) {
      byTrial.get(Number(trial))?.push({ step: Number(step), value: Number(value) });
    }
    const found = trials.map((row) => toRecord(row, byTrial.get(Number(row['number'])) ?? []));
    return checkTrials(found, this.place);
  }

  async startTrial({ number, values, startedMs }: StartedTrial): Promise<void> {
    const deleted = this.#rows('DELETE FROM reports WHERE trial = ?', [number]);
    const updated = this.#rows(
      `MERGE INTO trials USING (SELECT ?::INTEGER AS number, ?::JSON AS given, ?::BIGINT AS begun) AS new
         ON trials.number = new.number
       WHEN MATCHED THEN UPDATE SET started = make_timestamp_ms(begun)
       WHEN NOT MATCHED THEN INSERT VALUES
         (new.number, given, 'running', NULL, NULL, make_timestamp_ms(begun), NULL)`,
      [number, JSON.stringify(values), startedMs],
    );
    await Promise.all([deleted, updated]);
  }

  async addReport(number: number, { step, value }: Report): Promise<void> {
    await this.#rows('INSERT INTO reports VALUES (?, ?, ?)', [number, step, value]);
  }

  async endTrial(number: number, { state, value, error, endedMs }: TrialOutcome): Promise<void> {
    await this.#rows(
      `UPDATE trials SET state = ?, value = ?, error = ?, ended = make_timestamp_ms(?::BIGINT) WHERE number = ?`,
      [state, value ?? null, error ?? null, endedMs, number],
    );
  }

  async close(): Promise<void> {
    await this.#last;
    this.#close();
  }

  /**
   * Runs a statement after all earlier ones.
   * @throws StudyError with DuckDB's message, for instance if the disk is full.
   */
  #rows(sql: string, values: (string | number | null)[] = []): Promise<Row[]> {
    const types = values.map(typeOf);
    const rows = this.#last.then(async () => {
      try {
        const reader = await this.#connection.runAndReadAll(sql, values, types);
        return reader.getRowObjects();
      } catch (cause) {
        throw failed(this.place, cause);
      }
    });
    this.#last = rows.catch(() => {});
    return rows;
  }
}

/** Types of parameters. Without them, the binding passes whole numbers as integers and refuses large ones. */
function typeOf(value: string | number | null): DuckDBType {
  if (value === null) return SQLNULL;
  return typeof value === 'number' ? DOUBLE : VARCHAR;
}

function failed(place: string, cause: unknown): StudyError {
  const [line] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
  return new StudyError(
    `runStudy: "storage" expected to be readable and writable, got ${line}, at ${place}. Fix the cause and run the study again to continue it.`,
    { cause },
  );
}

/** Makes a trial record of a row, to be checked by `checkTrials`. */
function toRecord(row: Row, reports: Report[]): unknown {
  return {
    number: row['number'],
    values: parse(row['values']),
    state: row['state'],
    ...(row['value'] !== null && { value: row['value'] }),
    ...(row['error'] !== null && { error: row['error'] }),
    startedMs: plain(row['started']),
    ...(row['ended'] !== null && { endedMs: plain(row['ended']) }),
    reports,
  };
}

/** Converts a bigint, which DuckDB returns for a BIGINT, to a number. */
function plain(value: DuckDBValue | undefined): DuckDBValue | undefined {
  return typeof value === 'bigint' ? Number(value) : value;
}

/** @returns undefined if the text is not JSON. */
function parse(text: DuckDBValue | undefined): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}
