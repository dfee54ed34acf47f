import { readdir } from 'node:fs/promises';
import { UsageError } from '@gru4rec/checked-options';

/** Kinds of folders by the files in them; the first match counts. */
const folderKinds = [
  ['model.json', 'a model'],
  ['web-model.json', 'a model'],
  ['dataset.json', 'a dataset'],
  ['snapshot.json', 'a checkpoint of a training run'],
  [/^step-\d+$/, 'the checkpoints of a training run'],
  [/^study\.(jsonl|duckdb)$/, 'a study of tune'],
  ['best.json', 'the best configuration of a study'],
  ['report.json', 'a report of compare'],
  ['model.onnx', 'an ONNX model of export'],
] as const;

/** Kind of folder that a command reads. */
type Expected = 'a model' | 'a dataset';

/** @returns the kind of a folder; undefined if it is unknown, or the folder does not exist. */
export async function folderKind(directory: string): Promise<string | undefined> {
  const names = await readdir(directory).catch(() => []);
  const found = folderKinds.find(([marker]) =>
    names.some((name) => (typeof marker === 'string' ? name === marker : marker.test(name))),
  );
  return found?.[1];
}

/**
 * Refuses a folder of another kind. Its reader checks whether it is complete.
 *
 * @param option - the option or argument with its path, such as `--continue` or `MODEL`.
 * @throws UsageError naming the kind.
 */
export async function expectFolder(option: string, directory: string, expected: Expected): Promise<void> {
  const kind = await folderKind(directory);
  if (kind === undefined || kind === expected) return;
  throw new UsageError(`${option} expected ${expected}, got ${kind}, at ${directory}`);
}

/**
 * Refuses folders that this program wrote, whose Arrow files would be read as logs.
 *
 * @throws UsageError naming the kind.
 */
export async function expectLogs(option: string, directories: readonly string[]): Promise<void> {
  for (const directory of directories) {
    const kind = await folderKind(directory);
    if (kind !== 'a model' && kind !== 'a dataset') continue;
    throw new UsageError(`${option} expected logs of events, got ${kind}, at ${directory}`);
  }
}
