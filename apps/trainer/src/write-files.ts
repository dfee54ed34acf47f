import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Writes files into a folder that is there: all under temporary names, flushed to disk, then renamed one after the
 * other. What fails before the first rename, such as a full disk, leaves earlier files of those names as they were.
 *
 * @param texts - by file name.
 * @throws Error naming the file that cannot be written; nothing half-written is left.
 */
export async function writeFiles(folder: string, texts: Readonly<Record<string, string>>): Promise<void> {
  const files = Object.entries(texts).map(([name, text]) => ({
    file: join(folder, name),
    temporary: join(folder, `.${name}.${process.pid}.tmp`),
    text,
  }));
  try {
    for (const { file, temporary, text } of files) await naming(file, () => writeFlushed(temporary, text));
    for (const { file, temporary } of files) await naming(file, () => rename(temporary, file));
  } catch (error) {
    for (const { temporary } of files) await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}

/** Not write-file-atomic 7: it takes a write of which the disk held a part for a whole one. */
async function writeFlushed(file: string, text: string): Promise<void> {
  const handle = await open(file, 'w');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What the system says of a write often names no file. */
async function naming(file: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    throw new Error(`${file} cannot be written`, { cause });
  }
}
