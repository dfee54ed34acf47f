import { readdir } from 'node:fs/promises';
import { UsageError } from './usage-error.ts';

/** What a folder is, by the files in it; the first that fits counts. */
const kinds = [
  ['model.json', 'a model'],
  ['dataset.json', 'a dataset'],
  ['snapshot.json', 'a checkpoint of a training run'],
  [/^step-\d+$/, 'the checkpoints of a training run'],
  ['study.duckdb', 'a study of tune'],
  ['best.json', 'the best configuration of a study'],
  ['report.json', 'a report of compare'],
  ['saved_model.pb', 'a SavedModel of export'],
  ['model.onnx', 'an ONNX model of export'],
] as const;

/** What a command reads. */
type Expected = 'a model' | 'a dataset';

/** @returns what a folder is; undefined if it cannot be told, or there is none. */
export async function folderKind(directory: string): Promise<string | undefined> {
  const names = await readdir(directory).catch(() => []);
  const found = kinds.find(([marker]) =>
    names.some((name) => (typeof marker === 'string' ? name === marker : marker.test(name))),
  );
  return found?.[1];
}

/**
 * Makes sure that a folder is not one of another kind; whether it is whole is for its reader to say.
 *
 * @param option - that names it, such as `--model`.
 * @throws UsageError naming what it is.
 */
export async function expectFolder(option: string, directory: string, expected: Expected): Promise<void> {
  const kind = await folderKind(directory);
  if (kind === undefined || kind === expected) return;
  throw new UsageError(`${option} expected ${expected}, got ${kind}, at ${directory}`);
}

/**
 * Makes sure that a folder of logs is none that this program wrote: its Arrow files would be read as logs.
 *
 * @throws UsageError naming what it is.
 */
export async function expectLogs(option: string, directories: readonly string[]): Promise<void> {
  for (const directory of directories) {
    const kind = await folderKind(directory);
    if (kind !== 'a model' && kind !== 'a dataset') continue;
    throw new UsageError(`${option} expected logs of events, got ${kind}, at ${directory}`);
  }
}
