import { StudyError } from '../study-error.ts';
import { describeDatabase } from './database-url.ts';
import type { PostgresConnection } from './postgres-connection.ts';
import { reasonOf } from './postgres-error.ts';
import { PostgresStorage } from './postgres-storage.ts';
import { createTables, FORMAT_VERSION, findTables, readVersion } from './postgres-tables.ts';
import type { SharedStorage } from './storage.ts';

/** The study to open, and how long its coordinators wait for each other and for the server. */
export interface StudyDatabaseOptions {
  /** Name of the study. A database can hold many. */
  readonly study: string;
  /** Milliseconds without a renewal after which another coordinator may take a trial. Default: 60,000. */
  readonly leaseMs?: number | undefined;
  /** Milliseconds for which to try to restore a lost connection. Default: 300,000. */
  readonly patienceMs?: number | undefined;
  /** Called with the reason when the connection is lost, before the first attempt to restore it. */
  readonly onLost?: ((reason: string) => void) | undefined;
  /** Ends the attempts to restore a lost connection. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a study in a PostgreSQL database, for several coordinators at a time, on one machine or many. Creates the
 * schema `gru4rec` and its tables if they do not exist.
 *
 * @param url - see `describeDatabase`. Missing parts are taken from PGUSER, PGPASSWORD and other variables of pg, or
 *   from the user's password file.
 * @throws RangeError if the URL or an option is invalid.
 * @throws StudyError if the database cannot be opened or has another version. No message contains the password.
 */
export async function openStudyDatabase(url: string, options: StudyDatabaseOptions): Promise<SharedStorage> {
  const { study: name, leaseMs = 60_000, patienceMs = 300_000, onLost, signal } = options;
  const place = `${describeDatabase(url)}, study ${name}`;
  if (name === '' || name.includes('\0')) {
    throw new RangeError(`openStudyDatabase: "study" expected a name, got ${JSON.stringify(name)}.`);
  }
  // Loaded on first use, because pg takes 50 ms to load and most commands do not need it.
  const { PostgresConnection } = await import('./postgres-connection.ts');
  const connection = new PostgresConnection(url, { patienceMs, onLost, signal });
  try {
    await prepareTables(connection, place);
  } catch (cause) {
    await connection.close();
    if (cause instanceof StudyError) throw cause;
    throw new StudyError(
      `openStudyDatabase: "url" expected a PostgreSQL database that can be opened, got ${reasonOf(cause)}, at ${place}. Check host, port, database, user and password, and whether the server is running.`,
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
