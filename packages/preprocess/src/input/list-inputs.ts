import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '@gru4rec/sessions';

/** Names of files of events. Those that begin with a point or `_` are no data, such as Spark's `_SUCCESS`. */
const ofEvents = /^[^._].*\.(csv|tsv|json|jsonl|ndjson|parquet|arrow)(\.gz)?$/i;

/**
 * Puts the files of a folder, by name, in the folder's place; folders within are left alone.
 *
 * @returns files, in the order that decides between events of the same time.
 * @throws DataError if a folder holds no file of events.
 */
export async function listInputs(inputs: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(
    inputs.map(async (path) => ((await isFolder(path)) ? filesIn(path) : [path])),
  );
  return lists.flat();
}

/** Not if it is not there, which is said when it is read. */
async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
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
