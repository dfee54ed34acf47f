import { existsSync, realpathSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { createFile, recover } from '@gru4rec/durable-files';
import { StudyError } from '../study-error.ts';
import { DuckDbStorage } from './duckdb-storage.ts';
import type { StudyStorage } from './storage.ts';

const FORMAT = 'gru4rec-study';
const FORMAT_VERSION = 1;

/** Magic bytes of a DuckDB database, and their position in the file. */
const MAGIC = 'DUCK';
const MAGIC_AT = 8;

/** The tables have no keys, because there is one writer and each index of DuckDB takes a page. */
const tables = `
CREATE TABLE format (name VARCHAR, version INTEGER);
CREATE TABLE study (space JSON, direction VARCHAR, sampler JSON, pruner JSON, seed VARCHAR, fingerprint JSON);
CREATE TABLE trials (number INTEGER, "values" JSON, state VARCHAR, value DOUBLE, error VARCHAR,
  started TIMESTAMP, ended TIMESTAMP);
CREATE TABLE reports (trial INTEGER, step BIGINT, value DOUBLE);
INSERT INTO format VALUES ('${FORMAT}', ${FORMAT_VERSION});`;

const duckDbOptions = {
  // A study has few rows, so the other cores are left to the trials.
  threads: '1',
  // DuckDB downloads no extensions and opens no file except the study's.
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
  enable_external_access: 'false',
  lock_configuration: 'true',
};

/** Files that this process has open. DuckDB's lock keeps out other processes, but not a second open by the same one. */
const openFiles = new Set<string>();

/**
 * Opens or creates the file of a study: a DuckDB database with the tables format, study, trials and reports.
 *
 * A new file gets its name once it is complete. Changes are appended to a write-ahead log beside it, `<file>.wal`, and
 * flushed to disk before their promises are fulfilled. `close` and the next open merge the log into the file. Times are
 * UTC.
 *
 * @param file - in an existing folder.
 * @returns the storage, which only this process can use until it is closed.
 * @throws StudyError if another coordinator has the file open, if it is not a study, or if it cannot be opened.
 */
export async function openStudyFile(file: string): Promise<StudyStorage> {
  const path = canonicalPath(file);
  if (openFiles.has(path)) throw busy(path);
  openFiles.add(path);
  try {
    await recover(path);
    if (!existsSync(path)) await createStudy(path);
    await checkMagic(path);
    const instance = await DuckDBInstance.create(path, duckDbOptions);
    return await openTables(instance, path);
  } catch (error) {
    openFiles.delete(path);
    throw describe(error, path);
  }
}

/** Resolves links, so that each file has one path. The file need not exist yet. */
function canonicalPath(file: string): string {
  const path = resolve(file);
  try {
    return existsSync(path) ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path));
  } catch (cause) {
    throw new StudyError(
      `openStudyFile: "file" expected a folder that exists, got ${dirname(path)}. Create it first.`,
      { cause },
    );
  }
}

async function openTables(instance: DuckDBInstance, path: string): Promise<StudyStorage> {
  const connection = await instance.connect();
  const close = () => {
    connection.closeSync();
    instance.closeSync();
    openFiles.delete(path);
  };
  try {
    await checkFormat(connection, path);
  } catch (error) {
    close();
    throw error;
  }
  return new DuckDbStorage(path, connection, close);
}

async function checkFormat(connection: DuckDBConnection, path: string): Promise<void> {
  const reader = await connection
    .runAndReadAll('SELECT name, version FROM format')
    .catch((cause: unknown) => Promise.reject(noStudy(path, cause)));
  const [row] = reader.getRowObjects();
  if (row?.['name'] !== FORMAT) throw noStudy(path);
  if (row['version'] === FORMAT_VERSION) return;
  throw new StudyError(
    `openStudyFile: "file" expected a study of version ${FORMAT_VERSION}, got version ${row['version']}, at ${path}. Open it with the release that made it.`,
  );
}

async function checkMagic(path: string): Promise<void> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, MAGIC_AT);
    if (bytesRead < MAGIC.length || buffer.toString('latin1') !== MAGIC) throw noStudy(path);
  } finally {
    await handle.close();
  }
}

/** Creates the file unless another coordinator was faster. */
async function createStudy(path: string): Promise<void> {
  if (existsSync(`${path}.wal`)) {
    throw new StudyError(
      `openStudyFile: "file" expected no write-ahead log beside a new file, got ${path}.wal. Restore the file it belongs to, or remove the log.`,
    );
  }
  await createFile(path, createTables);
}

async function createTables(path: string): Promise<void> {
  const instance = await DuckDBInstance.create(path, duckDbOptions);
  try {
    const connection = await instance.connect();
    try {
      await connection.run(`${tables} CHECKPOINT;`);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

function describe(error: unknown, path: string): unknown {
  if (error instanceof StudyError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (/Could not set lock|Conflicting lock|being used by another process/i.test(text))
    return busy(path, error);
  const advice = 'Name a file in a writable folder on a disk with hard links.';
  return new StudyError(`openStudyFile: "file" expected a study that can be opened, got ${path}. ${advice}`, {
    cause: error,
  });
}

function busy(path: string, cause?: unknown): StudyError {
  return new StudyError(
    `openStudyFile: "file" expected one coordinator at a time, got a second, at ${path}. Wait for the first to finish, or name another file.`,
    { cause },
  );
}

function noStudy(path: string, cause?: unknown): StudyError {
  return new StudyError(
    `openStudyFile: "file" expected a study, got a file of another kind, at ${path}. Name a new file.`,
    { cause },
  );
}
