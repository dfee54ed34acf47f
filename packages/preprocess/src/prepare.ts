import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DataError, replaceDataset } from '@gru4rec/dataset';
import type { Backend } from './backends/backend.ts';
import { failureOf } from './backends/duckdb/duckdb.ts';
import { DuckDbBackend } from './backends/duckdb/duckdb-backend.ts';
import { withSpark } from './backends/spark/with-spark.ts';
import { type CheckedOptions, checkPrepare, type PrepareOptions } from './options.ts';
import { type PrepareReport, prepareLog, type Workplace } from './prepare-log.ts';

/** File names in a folder that may be events. Names that start with a dot or `_`, such as Spark's `_SUCCESS`, are not. */
const ofEvents = /^[^._].*\.(csv|tsv|json|jsonl|ndjson|parquet|arrow)(\.gz)?$/i;

/** In order of name, without subfolders. */
async function listInputs(inputs: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(
    inputs.map(async (path) => ((await entryOf(path)).isDirectory() ? filesIn(path) : [path])),
  );
  const files = lists.flat();
  for (const file of files) {
    if ((await entryOf(file)).isFile()) continue;
    throw new DataError(`prepare: "input" expected a file, got a device, at ${file}.`, { file });
  }
  return files;
}

async function entryOf(path: string): Promise<Stats> {
  return stat(path).catch((cause: unknown) => {
    throw new DataError(`prepare: "input" expected a file, got nothing, at ${path}.`, { file: path, cause });
  });
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => !entry.isDirectory() && ofEvents.test(entry.name));
  if (names.length > 0) return names.map(({ name }) => join(folder, name)).sort();
  throw new DataError(
    `prepare: "input" expected files of events in the folder (csv, tsv, jsonl, ndjson, json, parquet, arrow; maybe .gz), got none, at ${folder}.`,
    { file: folder },
  );
}

/**
 * Makes a session dataset from raw events.
 * @throws TypeError or RangeError if options are wrong, DataError at bad input. No files are left then.
 */
export async function prepare(options: PrepareOptions): Promise<PrepareReport> {
  const checked = checkPrepare(options);
  const { output, overwrite = false } = options;
  try {
    return await replaceDataset(output, { overwrite }, (folder, scratch) =>
      prepareFiles(checked, { folder, scratch }),
    );
  } catch (error) {
    throw failureOf(error, dirname(resolve(output)));
  }
}

export async function prepareFiles(given: CheckedOptions, workplace: Workplace): Promise<PrepareReport> {
  const options = await listFiles(given);
  const { spark } = options;
  const run = (db: Backend) => prepareLog(db, options, workplace);
  if (spark !== undefined) return withSpark({ ...options, spark }, workplace.scratch, run);
  const db = await DuckDbBackend.open(options, workplace.scratch);
  return run(db).finally(() => db.close());
}

/** Spark lists folders by itself. */
async function listFiles(options: CheckedOptions): Promise<CheckedOptions> {
  const { spark, inputs, testInputs } = options;
  if (spark !== undefined) return options;
  return {
    ...options,
    inputs: await listInputs(inputs),
    testInputs: testInputs && (await listInputs(testInputs)),
  };
}
