import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '@gru4rec/checked-options';

/** Kinds of folders by the files in them; the first match counts. */
const folderKinds = [
  ['recommender.json', 'a baseline or a mix'],
  ['model.json', 'a model'],
  ['web-model.json', 'a model'],
  ['dataset.json', 'a dataset'],
  ['snapshot.json', 'a checkpoint of a training run'],
  [/^step-\d+$/, 'the checkpoints of a training run'],
  ['study.jsonl', 'a study of tune'],
  ['best.json', 'the best configuration of a study'],
  ['report.json', 'a report of compare'],
  ['model.onnx', 'an ONNX model of export'],
] as const;

/** Of a folder that `compare --keep` wrote, unless it is a model. */
const MIXED = 'a baseline or a mix';

/** Kind of folder that a command reads. */
type Expected = 'a model' | 'a dataset';

/** The kind of a folder, by the files in it; undefined if the kind is unknown, or the folder does not exist. */
export async function folderKind(directory: string): Promise<string | undefined> {
  const names = await readdir(directory).catch(() => []);
  const found = folderKinds.find(([marker]) =>
    names.some((name) => (typeof marker === 'string' ? name === marker : marker.test(name))),
  );
  return found?.[1];
}

/**
 * Refuses a folder of another kind. Whether the folder is complete is checked when it is read.
 *
 * @param option - the option or argument with its path, such as `--continue` or `MODEL`.
 * @throws UsageError naming the kind.
 */
export async function expectFolder(option: string, directory: string, expected: Expected): Promise<void> {
  const kind = await folderKind(directory);
  if (kind === undefined || kind === expected) return;
  const advice = kind === MIXED && expected === 'a model' ? `. ${await adviceOfMix(directory)}` : '';
  throw new UsageError(`${option} expected ${expected}, got ${kind}, at ${directory}${advice}`);
}

/** Whether a folder holds a baseline or a mix, which `compare --keep` wrote. */
export async function isMixedFolder(directory: string): Promise<boolean> {
  return (await folderKind(directory)) === MIXED;
}

/** Refuses a folder that is neither a model nor a baseline or a mix. @throws UsageError as `expectFolder`. */
export async function expectRecommender(option: string, directory: string): Promise<void> {
  if (!(await isMixedFolder(directory))) await expectFolder(option, directory, 'a model');
}

/** The folder of the GRU4Rec of a mix; undefined if there is none. */
export async function modelInMix(directory: string): Promise<string | undefined> {
  const names = await readdir(directory).catch(() => []);
  const part = names.sort().find((name) => /^part-\d+$/.test(name));
  return part && join(directory, part);
}

/** Advice on which folder to name instead of a mix, where only a GRU4Rec will do. */
export async function adviceOfMix(directory: string): Promise<string> {
  const model = await modelInMix(directory);
  return model ? `Name its GRU4Rec, ${model}` : 'It has no GRU4Rec';
}

/**
 * Refuses folders that this program wrote, whose Arrow files would be read as logs.
 *
 * @throws UsageError naming the kind.
 */
export async function expectLogs(option: string, directories: readonly string[]): Promise<void> {
  for (const directory of directories) {
    const kind = await folderKind(directory);
    if (kind !== 'a model' && kind !== 'a dataset' && kind !== MIXED) continue;
    throw new UsageError(`${option} expected logs of events, got ${kind}, at ${directory}`);
  }
}
