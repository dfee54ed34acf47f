import { StudyError } from '../study-error.ts';
import { describeDatabase } from './database-url.ts';
import type { PostgresConnection } from './postgres-connection.ts';
import { reasonOf } from './postgres-error.ts';
import { PostgresStorage } from './postgres-storage.ts';
import { createTables, FORMAT_VERSION, findTables, readVersion } from './postgres-tables.ts';
import type { SharedStorage } from './storage.ts';

/** Which study of a database, and how long its coordinators wait for one another and for the server. */
export interface StudyDatabaseOptions {
  /** Name of the study: a database keeps many. */
  readonly study: string;
  /** Milliseconds after the last sign of its coordinator at which a trial is another's to run: 60,000 if not given. */
  readonly leaseMs?: number | undefined;
  /** Milliseconds for which a lost connection is tried again: 300,000 if not given. */
  readonly patienceMs?: number | undefined;
  /** Called when the connection is lost, with the reason, before it is tried again. */
  readonly onLost?: ((reason: string) => void) | undefined;
  /** Once it is aborted, a lost connection is tried no more. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a study in a PostgreSQL database, for several coordinators at a time, on one machine or many. The schema
 * `gru4rec` with its tables is made where it is missing.
 *
 * @param url - as of `describeDatabase`; what it leaves out pg takes from PGUSER, PGPASSWORD and their like, or from the
 *   user's file of passwords.
 * @throws RangeError if the URL or an option is wrong.
 * @throws StudyError if the database cannot be opened or used; no message holds the password.
 */
export async function openStudyDatabase(url: string, options: StudyDatabaseOptions): Promise<SharedStorage> {
  const { study: name, leaseMs = 60_000, patienceMs = 300_000, onLost, signal } = options;
  const place = `${describeDatabase(url)}, study ${name}`;
  if (name === '' || name.includes('\0')) {
    throw new RangeError(`openStudyDatabase: "study" expected a name, got ${JSON.stringify(name)}.`);
  }
  for (const [key, value] of Object.entries({ leaseMs, patienceMs })) {
    if (Number.isFinite(value) && value > 0) continue;
    throw new RangeError(`openStudyDatabase: "${key}" expected milliseconds > 0, got ${value}.`);
  }
  // Not at the start: pg takes 50 ms to load, and most commands need none.
  const { PostgresConnection } = await import('./postgres-connection.ts');
  const connection = new PostgresConnection(url, { patienceMs, onLost, signal });
  try {
    await prepareTables(connection, place);
  } catch (cause) {
    await connection.close();
    if (cause instanceof StudyError) throw cause;
    throw new StudyError(
      `openStudyDatabase: "url" expected a PostgreSQL database that can be opened, got ${reasonOf(cause)}, at ${place}. Look at host, port, database, user and password, and whether the server runs.`,
      { cause },
    );
  }
  return new PostgresStorage(connection, { name, place, leaseMs });
}

async function prepareTables(connection: PostgresConnection, place: string): Promise<void> {
  const [found] = (await connection.queryOnce(findTables)).rows;
  if (!found?.['there']) await connection.queryOnce(createTables);
  const [row] = (await connection.queryOnce(readVersion)).rows;
  if (row?.['version'] === FORMAT_VERSION) return;
  throw new StudyError(
    `openStudyDatabase: "url" expected studies of version ${FORMAT_VERSION}, got version ${row?.['version']}, at ${place}. Name another database.`,
  );
}
