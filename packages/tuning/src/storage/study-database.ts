import { optionError } from '@gru4rec/checks';
import type { StudyDatabaseOptions } from './postgres.ts';
import { reasonOf, StudyError, type StudyStorage } from './storage.ts';

/**
 * Opens a study in a PostgreSQL database, for several coordinators. Creates the schema `gru4rec` and its tables if missing.
 * @param url - see `describeDatabase`. Missing parts are those of pg's variables, such as PGUSER, or of the password file.
 * @throws RangeError if the URL or an option is invalid.
 * @throws StudyError if the database cannot be opened or has another version. No message contains the password.
 */
export async function openStudyDatabase(url: string, options: StudyDatabaseOptions): Promise<StudyStorage> {
  const { study, leaseMs = 60_000, patienceMs = 300_000 } = options;
  const place = `${describeDatabase(url)}, study ${study}`;
  if (study === '' || study.includes('\0')) {
    throw new RangeError(`openStudyDatabase: "study" expected a name, got ${JSON.stringify(study)}.`);
  }
  // Loaded on first use, because pg takes 50 ms to load and most commands do not need it.
  const { PostgresStorage } = await import('./postgres.ts');
  const storage = new PostgresStorage(url, place, { ...options, leaseMs, patienceMs });
  try {
    await storage.prepare();
    return storage;
  } catch (cause) {
    await storage.close();
    if (cause instanceof StudyError) throw cause;
    throw new StudyError(
      `openStudyDatabase: "url" expected a PostgreSQL database that can be opened, got ${reasonOf(cause)}, at ${place}. Check host, port, database, user and password, and whether the server is running.`,
      { cause },
    );
  }
}

const schemes = ['postgres:', 'postgresql:'];

/**
 * Checks the URL of a PostgreSQL database and removes its secrets.
 * @param url - `postgres://user@host:port/database`, or `postgres:///database?host=/folder` for a socket. Other
 *   parameters are passed to npm's pg, such as `sslmode=verify-full`.
 * @returns the URL for display, without the password and without parameters other than `host`.
 * @throws RangeError if it is invalid. The message does not contain it, because it may contain a password.
 */
export function describeDatabase(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const scheme = parsed?.protocol ?? /^\w+:/.exec(url)?.[0];
  if (!parsed || !schemes.includes(parsed.protocol)) throw refused(schemeOf(scheme));
  // A password with an unescaped / would become part of the path, and be shown.
  if (!/^\/[^/@]+$/.test(parsed.pathname)) throw refused('no database name');
  const host = parsed.searchParams.get('host');
  if (parsed.hostname === '' && !host) throw refused('no host');
  const user = parsed.username === '' ? '' : `${parsed.username}@`;
  return `postgres://${user}${parsed.host}${parsed.pathname}${host ? `?host=${host}` : ''}`;
}

function schemeOf(scheme: string | undefined): string {
  if (scheme === undefined) return 'no URL';
  return schemes.includes(scheme) ? 'a URL that cannot be read' : `a URL that begins with ${scheme}`;
}

function refused(got: string): RangeError {
  return optionError(RangeError, {
    caller: 'openStudyDatabase',
    option: 'url',
    problem: `expected postgres://user@host:port/database, got ${got}. In a password write % as %25, @ as %40, / as %2F.`,
  });
}
