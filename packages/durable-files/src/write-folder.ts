import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DurableError } from './durable-error.ts';
import { writeFlushed } from './flush.ts';
import { replaceFolder } from './replace-folder.ts';

/** The file that marks a folder as one that `writeFolder` may replace. */
export interface FolderManifest {
  readonly name: string;
  /** Returns its content, given the SHA-256 of each other file by name, in hexadecimal. */
  readonly make: (checksums: Readonly<Record<string, string>>) => Uint8Array;
}

/**
 * Writes a folder of files with `replaceFolder`, all of them or none.
 *
 * @param directory - an existing folder is replaced only if it is empty or has a manifest.
 * @param contents - the chunks of each file by name, consumed as they are written.
 * @param manifest - written last.
 * @throws DurableError if the folder holds other files or cannot be written.
 */
export async function writeFolder(
  directory: string,
  contents: Readonly<Record<string, Iterable<Uint8Array>>>,
  manifest: FolderManifest,
): Promise<void> {
  const target = resolve(directory);
  try {
    await replaceFolder(target, { check: () => checkReplaceable(target, manifest.name) }, async (folder) => {
      const checksums: Record<string, string> = {};
      for (const [name, chunks] of Object.entries(contents)) {
        checksums[name] = await writeFlushed(join(folder, name), chunks);
      }
      await writeFlushed(join(folder, manifest.name), [manifest.make(checksums)]);
    });
  } catch (cause) {
    throw cause instanceof DurableError ? cause : new DurableError(target, 'cannot be written', { cause });
  }
}

async function checkReplaceable(directory: string, manifest: string): Promise<void> {
  const entries = await readdir(directory).catch((cause: NodeJS.ErrnoException): string[] => {
    if (cause.code === 'ENOENT') return [];
    throw new DurableError(directory, 'is not a folder that can be written', { cause });
  });
  if (entries.length > 0 && !entries.includes(manifest)) {
    throw new DurableError(directory, `holds other files and no ${manifest}. Name a new folder`);
  }
}
