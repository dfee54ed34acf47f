import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '@gru4rec/sessions';

/** File names in a folder that may be events. Names that start with a dot or `_`, such as Spark's `_SUCCESS`, are not. */
const ofEvents = /^[^._].*\.(csv|tsv|json|jsonl|ndjson|parquet|arrow)(\.gz)?$/i;

/**
 * Replaces each folder by its files in order of name, without subfolders.
 *
 * @returns files, in the order that sorts events of the same time.
 * @throws DataError if a folder has no file of events, or a file does not exist.
 */
export async function listInputs(inputs: readonly string[]): Promise<string[]> {
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
