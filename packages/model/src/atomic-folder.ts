import { createHash } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ModelError } from './model-error.ts';
import { finishReplacement, makeWorkspace, removeLeftovers, type Workspace } from './workspace.ts';

/**
 * Writes a folder of files in a workspace beside it, flushes them to disk, then renames: whoever looks sees the old
 * folder or the new one, whole. What a killed process left beside it is finished or removed first.
 *
 * @param contents - the files, each in pieces that are made as they are written.
 * @param manifest - the file that marks such a folder, made last, from the sha256 of the others; an existing folder
 *   without a file of that name is left alone.
 * @throws ModelError if the folder holds something else or cannot be written; nothing stays half-written.
 */
export async function writeFolder(
  directory: string,
  contents: Readonly<Record<string, Iterable<Uint8Array>>>,
  manifest: {
    readonly name: string;
    readonly make: (checksums: Readonly<Record<string, string>>) => Uint8Array;
  },
): Promise<void> {
  const target = resolve(directory);
  await finishReplacement(target);
  await removeLeftovers(target);
  await checkReplaceable(target, manifest.name);
  let workspace: Workspace | undefined;
  try {
    workspace = await makeWorkspace(target);
    const { whole } = workspace;
    const checksums: Record<string, string> = {};
    for (const [name, chunks] of Object.entries(contents)) {
      checksums[name] = await writeFlushed(join(whole, name), chunks);
    }
    await writeFlushed(join(whole, manifest.name), [manifest.make(checksums)]);
    await syncFolder(whole);
    moveInto(workspace, target);
    // Before the older folder is removed the new one's name must be on disk.
    await syncFolder(dirname(target));
  } catch (cause) {
    throw new ModelError(target, 'cannot be written', { cause });
  } finally {
    workspace?.remove();
  }
}

/** A folder with files cannot be renamed over: two renames, one right after the other, are as near as Node comes. */
function moveInto({ whole, replaced }: Workspace, target: string): void {
  try {
    renameSync(whole, target);
    return;
  } catch (error) {
    if (!existsSync(target)) throw error;
  }
  renameSync(target, replaced);
  try {
    renameSync(whole, target);
  } catch (error) {
    renameSync(replaced, target);
    throw error;
  }
}

/** What systems answer that cannot flush a folder: there a rename has to do. */
const unable = new Set(['EISDIR', 'EINVAL', 'EPERM', 'EACCES', 'ENOTSUP']);

/** Flushes the names within a folder to disk: before that a power cut can undo a rename. */
export async function syncFolder(directory: string): Promise<void> {
  try {
    const folder = await open(directory, 'r');
    await folder.sync().finally(() => folder.close());
  } catch (error) {
    if (!unable.has(String((error as NodeJS.ErrnoException).code))) throw error;
  }
}

/** @throws ModelError if the folder exists and is neither empty nor one that `writeFolder` wrote. */
async function checkReplaceable(directory: string, manifest: string): Promise<void> {
  const entries = await readdir(directory).catch((cause: NodeJS.ErrnoException): string[] => {
    if (cause.code === 'ENOENT') return [];
    throw new ModelError(directory, 'is not a folder that can be written', { cause });
  });
  if (entries.length > 0 && !entries.includes(manifest)) {
    throw new ModelError(directory, `holds other files and no ${manifest}. Name a new folder`);
  }
}

/** Bytes handed over at once: what is shared between threads is copied on the way. */
const WRITTEN_AT_ONCE = 1 << 22;

/**
 * Writes a new file, flushed to disk.
 * @returns the sha256 of what was written, in hexadecimal.
 */
export async function writeFlushed(file: string, chunks: Iterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  const handle = await open(file, 'wx');
  try {
    for (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += WRITTEN_AT_ONCE) {
        const piece = chunk.subarray(at, at + WRITTEN_AT_ONCE);
        hash.update(piece);
        await handle.writeFile(piece);
      }
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}
