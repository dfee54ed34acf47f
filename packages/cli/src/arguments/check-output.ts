import { lstat, mkdir, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { checkWritable, recover } from '@gru4rec/durable-files';
import { folderKind } from './folder-kind.ts';

/** Kind of an output folder. */
interface FolderKind {
  /** File that identifies such a folder. */
  readonly marker: string;
  /** Files of other folders that it may replace. */
  readonly also?: readonly string[];
  /** Name of its content, for messages. */
  readonly content: string;
}

const modelFolder: FolderKind = { marker: 'model.json', content: 'model' };

/**
 * Checks, before hours of work, that a folder can be written at the end. First completes or removes what a killed run left
 * beside it.
 *
 * @param kind - a model if not given.
 * @throws Error if the folder has other content, or content of its kind without `overwrite`, or if its parent cannot be
 *   written to.
 */
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

/**
 * Checks that a folder is writable, or its nearest existing parent.
 * @throws Error if it is not.
 */
async function checkPlace(directory: string): Promise<void> {
  try {
    await checkWritable(directory);
  } catch (cause) {
    throw new Error(`The folder ${directory} is not writable`, { cause });
  }
}

/**
 * Checks that a file can be written. First removes what a killed run left beside it.
 *
 * @throws Error if it exists and `overwrite` is false, if it is not a file, or if its folder cannot be written to.
 */
export async function checkOutputFile(file: string, overwrite: boolean): Promise<void> {
  await recover(file);
  const found = await lstat(file).catch(() => undefined);
  if (found && !found.isFile()) {
    throw new Error(`The output ${file} is ${found.isDirectory() ? 'a folder' : 'no file'}. Name a file`);
  }
  if (found && !overwrite) {
    throw new Error(`The output ${file} exists already. Name another file, or add --overwrite`);
  }
  await checkPlace(dirname(file));
}

/**
 * Creates a folder and its parents if they are missing, and checks that it is writable.
 *
 * @throws the error of the system, with the path.
 */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  // Not recursive: on a read-only disk the error would be "no such file".
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await checkWritable(folder);
}
