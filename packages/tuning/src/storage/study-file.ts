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

/** DuckDB writes this after the first 8 bytes of a database. */
const MAGIC = 'DUCK';
const MAGIC_AT = 8;

/** No keys: there is one writer, and DuckDB's indexes cost a page each. */
const tables = `
CREATE TABLE format (name VARCHAR, version INTEGER);
CREATE TABLE study (space JSON, direction VARCHAR, sampler JSON, pruner JSON, seed VARCHAR, fingerprint JSON);
CREATE TABLE trials (number INTEGER, "values" JSON, state VARCHAR, value DOUBLE, error VARCHAR,
  started TIMESTAMP, ended TIMESTAMP);
CREATE TABLE reports (trial INTEGER, step BIGINT, value DOUBLE);
INSERT INTO format VALUES ('${FORMAT}', ${FORMAT_VERSION});`;

const duckDbOptions = {
  // Rows are few; the cores are for the trials.
  threads: '1',
  // Nothing is downloaded or loaded, and no file but the study's is reached: what we need is built in.
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
  enable_external_access: 'false',
  lock_configuration: 'true',
};

/** The files that this process has open: DuckDB's lock keeps other processes out, not a second open of its own. */
const openFiles = new Set<string>();

/**
 * Opens the file of a study, or makes it: a DuckDB database of the tables format, study, trials and reports.
 *
 * A new file has its name once it is complete. Changes go to a log beside it, `<file>.wal`, which is flushed to the
 * disk before a change counts as made, and is worked into the file by `close` or the next open. Times are UTC.
 *
 * @param file - its folder must be there.
 * @returns the storage; the file is this process's alone until `close`.
 * @throws StudyError if another coordinator has the file open, if it is no study, or if it cannot be opened.
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

/** The same text for the same file, which need not be there yet. */
function canonicalPath(file: string): string {
  const path = resolve(file);
  try {
    return existsSync(path) ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path));
  } catch (cause) {
    throw new StudyError(
      `openStudyFile: "file" expected a folder that exists, got ${dirname(path)}. Make it first.`,
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

/** Makes a file, unless another coordinator was faster. */
async function createStudy(path: string): Promise<void> {
  if (existsSync(`${path}.wal`)) {
    throw new StudyError(
      `openStudyFile: "file" expected no log of changes beside a new file, got ${path}.wal. Put the file it belongs to back, or remove it.`,
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
  const advice = 'Its folder must be there, writable, and on a disk with hard links, or name another file.';
  return new StudyError(`openStudyFile: "file" expected a study that can be opened, got ${path}. ${advice}`, {
    cause: error,
  });
}

function busy(path: string, cause?: unknown): StudyError {
  return new StudyError(
    `openStudyFile: "file" expected one coordinator at a time, got a second, at ${path}. Wait for the first to end, or name another file.`,
    { cause },
  );
}

function noStudy(path: string, cause?: unknown): StudyError {
  return new StudyError(
    `openStudyFile: "file" expected a study, got a file of another kind, at ${path}. Name a new file.`,
    { cause },
  );
}
