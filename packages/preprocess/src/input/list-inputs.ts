import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '@gru4rec/sessions';

/** File names in a folder that may be events. Names that start with a dot or `_`, such as Spark's `_SUCCESS`, are not. */
const ofEvents = /^[^._].*\.(csv|tsv|json|jsonl|ndjson|parquet|arrow)(\.gz)?$/i;

/**
 * Replaces each folder by its files in order of name, without subfolders.
 *
 * @returns files, in the order that sorts events of the same time.
 * @throws DataError if a folder has no file of events.
 */
export async function listInputs(inputs: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(
    inputs.map(async (path) => ((await isFolder(path)) ? filesIn(path) : [path])),
  );
  return lists.flat();
}

/** False if it does not exist; reading it reports that. */
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
