import { lstat, mkdir, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { checkWritable, recover } from '@gru4rec/durable-files';
import { folderKind } from './folder-kind.ts';

/** What a folder is written for. */
interface FolderKind {
  /** The file by which such a folder is known. */
  readonly marker: string;
  /** What it holds, for messages. */
  readonly content: string;
}

const modelFolder: FolderKind = { marker: 'model.json', content: 'model' };

/**
 * Makes sure, before hours of work, that a folder can be written at the end. What a killed run left beside it is ended
 * or removed first.
 *
 * @param kind - a model if not given.
 * @throws Error if the folder holds anything else, or something of its kind that may not be replaced, or if its place
 *   cannot be written to.
 */
export async function checkOutputFolder(
  directory: string,
  overwrite: boolean,
  kind: FolderKind = modelFolder,
): Promise<void> {
  await recover(directory);
  const entries = await readdir(directory).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw new Error(`The output ${directory} is not a folder that can be written`, { cause });
  });
  if (entries.length > 0) await checkReplaceable(directory, entries, overwrite, kind);
  await checkPlace(dirname(directory));
}

async function checkReplaceable(
  directory: string,
  entries: readonly string[],
  overwrite: boolean,
  { marker, content }: FolderKind,
): Promise<void> {
  if (!entries.includes(marker)) {
    const held = (await folderKind(directory)) ?? 'other files';
    throw new Error(`The output ${directory} holds ${held} and no ${content}. Name a new folder`);
  }
  if (overwrite) return;
  throw new Error(
    `The output ${directory} holds ${/^[AEIOU]/.test(content) ? 'an' : 'a'} ${content} already. Name another folder, or add --overwrite`,
  );
}

/**
 * Makes sure that something can be made in a folder, or in the nearest one above it that is there.
 * @throws Error if nothing can.
 */
async function checkPlace(directory: string): Promise<void> {
  try {
    await checkWritable(directory);
  } catch (cause) {
    throw new Error(`Nothing can be written in ${directory}`, { cause });
  }
}

/**
 * Makes sure that a file can be written. What a killed run left beside it is removed first.
 *
 * @throws Error if a file is there that may not be replaced, or something that is no file, or if its place cannot be
 *   written to.
 */
export async function checkOutputFile(file: string, overwrite: boolean): Promise<void> {
  await recover(file);
  const found = await lstat(file).catch(() => undefined);
  if (found && !found.isFile()) {
    throw new Error(`The output ${file} is ${found.isDirectory() ? 'a folder' : 'no file'}. Name a file`);
  }
  if (found && !overwrite) {
    throw new Error(`The output ${file} is there already. Name another file, or add --overwrite`);
  }
  await checkPlace(dirname(file));
}

/**
 * Makes a folder and those above it where they are missing, and sees whether something can be made in it.
 *
 * @throws what the system says, with the path.
 */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  // Not recursive: on a read-only disk that would say "no such file".
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await checkWritable(folder);
}
