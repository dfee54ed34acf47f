import { statSync } from 'node:fs';
import { lstat, mkdir, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError } from '@gru4rec/checks';
import { checkWritable, lockOutput as lock, recover } from '@gru4rec/durable-files';
import { describeError } from '../terminal/describe-error.ts';
import type { Output } from '../terminal/terminal.ts';

const folderKinds = [
  ['recommender.json', 'a baseline'],
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

type Expected = 'a model' | 'a dataset';

export async function folderKind(directory: string): Promise<string | undefined> {
  const names = await readdir(directory).catch(() => []);
  const kind = folderKinds.find(([marker]) =>
    names.some((name) => (typeof marker === 'string' ? name === marker : marker.test(name))),
  );
  return kind?.[1];
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** `option`: with its path, such as `--continue` or `MODEL`. */
export async function expectFolder(option: string, directory: string, expected: Expected): Promise<void> {
  const kind = await folderKind(directory);
  if (kind === undefined || kind === expected) return;
  throw new UsageError(`${option} expected ${expected}, got ${kind}, at ${directory}`);
}

export async function isBaselineFolder(directory: string): Promise<boolean> {
  return (await folderKind(directory)) === 'a baseline';
}

export async function expectRecommender(option: string, directory: string): Promise<void> {
  if (!(await isBaselineFolder(directory))) await expectFolder(option, directory, 'a model');
}

/** Refuses folders that this program wrote, whose Arrow files would be read as logs. */
export async function expectLogs(option: string, directories: readonly string[]): Promise<void> {
  for (const directory of directories) {
    const kind = await folderKind(directory);
    if (kind !== 'a model' && kind !== 'a dataset' && kind !== 'a baseline') continue;
    throw new UsageError(`${option} expected logs of events, got ${kind}, at ${directory}`);
  }
}

interface FolderKind {
  readonly marker: string;
  /** Files of other folders that it may replace. */
  readonly also?: readonly string[];
  readonly content: string;
}

const modelFolder: FolderKind = { marker: 'model.json', content: 'model' };

/** Checks, before hours of work, that a folder can be written. First completes or removes what a killed run left. */
export async function checkOutputFolder(
  directory: string,
  overwrite: boolean,
  kind: FolderKind = modelFolder,
): Promise<void> {
  await recover(directory);
  const entries = await readdir(directory).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw new Error(`The output ${directory} is not a writable folder`, { cause });
  });
  if (entries.length > 0) await checkReplaceable(directory, entries, overwrite, kind);
  await checkPlace(dirname(directory));
}

async function checkReplaceable(
  directory: string,
  entries: readonly string[],
  overwrite: boolean,
  { marker, also = [], content }: FolderKind,
): Promise<void> {
  if (![marker, ...also].some((name) => entries.includes(name))) {
    const held = (await folderKind(directory)) ?? 'other files';
    throw new Error(`The output ${directory} holds ${held} and no ${content}. Name a new folder`);
  }
  if (overwrite) return;
  throw new Error(
    `The output ${directory} holds ${/^[AEIOU]/.test(content) ? 'an' : 'a'} ${content} already. Name another folder, or add --overwrite`,
  );
}

async function checkPlace(directory: string): Promise<void> {
  try {
    await checkWritable(directory);
  } catch (cause) {
    throw new Error(`The folder ${directory} is not writable`, { cause });
  }
}

/** Checks that a file can be written. First removes what a killed run left beside it. */
export async function checkOutputFile(file: string, overwrite: boolean): Promise<void> {
  await recover(file);
  const stats = await lstat(file).catch(() => undefined);
  if (stats && !stats.isFile()) {
    throw new Error(`The output ${file} is ${stats.isDirectory() ? 'a folder' : 'no file'}. Name a file`);
  }
  if (stats && !overwrite) {
    throw new Error(`The output ${file} exists already. Name another file, or add --overwrite`);
  }
  await checkPlace(dirname(file));
}

export async function makeFolder(folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  // Not recursive: on a read-only disk the error would be "no such file".
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await checkWritable(folder);
}

export function lockOutput(output: string, command: string, stderr: Output): () => void {
  return lock(output, command, (cause) => {
    const consequence =
      'a second run could write it at the same time, and what a killed run leaves is not removed';
    stderr.write(
      `Warning: files beside ${output} cannot be locked (${describeError(cause)}): ${consequence}\n`,
    );
  });
}
