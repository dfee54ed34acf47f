import { mkdtemp, readdir, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What a folder is written for. */
interface FolderKind {
  /** The file by which such a folder is known. */
  readonly marker: string;
  /** What it holds, for messages. */
  readonly content: string;
}

const modelFolder: FolderKind = { marker: 'model.json', content: 'model' };

/**
 * Makes sure, before hours of work, that a folder can be written at the end.
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
  const entries = await readdir(directory).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw new Error(`The output ${directory} is not a folder that can be written`, { cause });
  });
  if (entries.length > 0) checkReplaceable(directory, entries, overwrite, kind);
  await checkWritable(dirname(directory));
}

function checkReplaceable(
  directory: string,
  entries: readonly string[],
  overwrite: boolean,
  { marker, content }: FolderKind,
): void {
  if (!entries.includes(marker)) {
    throw new Error(`The output ${directory} holds other files and no ${content}. Name a new folder`);
  }
  if (overwrite) return;
  throw new Error(
    `The output ${directory} holds a ${content} already. Name another folder, or add --overwrite`,
  );
}

/**
 * Checks the nearest folder above that exists: the missing ones will be made in it.
 * @throws Error if nothing can be made in it.
 */
export async function checkWritable(directory: string): Promise<void> {
  const found = await stat(directory).catch(() => undefined);
  if (!found && dirname(directory) !== directory) return checkWritable(dirname(directory));
  try {
    // Only making something shows that it can be made: permissions say yes to root on a read-only disk.
    await rmdir(await mkdtemp(join(directory, '.gru4rec-')));
  } catch (cause) {
    throw new Error(`Nothing can be written in ${directory}`, { cause });
  }
}
