import { existsSync, linkSync, readFileSync, renameSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { flush, flushAll, writeFlushed } from './flush.ts';
import { DurableError, makeWorkspace, recover, type Workspace } from './workspace.ts';

/**
 * Replaces a file atomically: writes the new one beside it, flushes it to disk and renames it. Leftovers of killed processes
 * are cleaned up first.
 * @param file - need not exist. Missing folders above it are created.
 * @param chunks - its content, consumed as it is written.
 * @throws DurableError naming the file if it cannot be written. An existing file then stays unchanged.
 */
export async function replaceFile(file: string, chunks: Iterable<Uint8Array>): Promise<void> {
  await makeFile(file, async (path) => {
    await writeFlushed(path, chunks);
  });
}

/**
 * Replaces a file atomically, as `replaceFile` does, with one that a program writes by itself.
 * @param make - writes the file at the given path, in a folder that is removed afterwards.
 * @throws DurableError naming the file if it cannot be written. An existing file then stays unchanged.
 */
export async function makeFile(file: string, make: (path: string) => Promise<void>): Promise<void> {
  await writeBeside(file, renameSync, make).catch(refuse(file));
}

/**
 * Creates a new file atomically: under its name it appears only once it is complete.
 * @param make - writes the file at the given path, in a folder that is removed afterwards.
 * @returns false if the file exists, perhaps made by another process. It then stays unchanged.
 * @throws what `make` throws; DurableError if nothing can be created beside the file; the system's error if it
 * cannot be linked to its name.
 */
export async function createFile(file: string, make: (path: string) => Promise<void>): Promise<boolean> {
  try {
    await writeBeside(file, linkSync, make);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function writeBeside(
  file: string,
  publish: (from: string, to: string) => void,
  make: (path: string) => Promise<void>,
): Promise<void> {
  const target = resolve(file);
  await recover(target);
  const workspace = makeWorkspace(target);
  try {
    const made = join(workspace.whole, basename(target));
    await make(made);
    await flush(made);
    publish(made, target);
    await flush(dirname(target));
  } finally {
    workspace.remove();
  }
}

/**
 * Replaces a folder atomically: builds the new one beside it, flushes it to disk and renames it. Readers see the
 * old or the complete new folder, except between two renames, when there is none. If anything fails or the process
 * exits, the old folder stays and nothing half-built remains. Leftovers of killed processes are cleaned up first.
 * @param target - need not exist. Missing folders above it are created.
 * @param options - `check` throws if the existing target must stay. It is called before the folder is built and again before it is
 *   renamed.
 * @param build - fills `folder`, which is empty. `scratch` is another empty folder, removed afterwards.
 * @throws what `check` and `build` throw; DurableError naming the target if it cannot be written or replaced.
 */
export async function replaceFolder<Result>(
  target: string,
  { check }: { readonly check?: () => Promise<void> },
  build: (folder: string, scratch: string) => Promise<Result>,
): Promise<Result> {
  const path = resolve(target);
  await recover(path);
  await check?.();
  const workspace = makeWorkspace(path);
  try {
    const result = await build(workspace.whole, workspace.scratch);
    await check?.();
    await flushAll(workspace.whole);
    moveInto(workspace, path);
    // The new folder's name must be on disk before the old folder is removed.
    await flush(dirname(path));
    return result;
  } finally {
    workspace.remove();
  }
}

/** `rename` cannot overwrite a folder with files, so an old one is moved away first. */
function moveInto({ whole, replaced }: Workspace, target: string): void {
  try {
    renameSync(whole, target);
    return;
  } catch (cause) {
    if (!existsSync(target)) throw new DurableError(target, 'cannot be written', { cause });
  }
  try {
    renameSync(target, replaced);
  } catch (cause) {
    throw new DurableError(target, 'cannot be replaced', { cause });
  }
  try {
    renameSync(whole, target);
  } catch (cause) {
    renameSync(replaced, target);
    throw new DurableError(target, 'cannot be written', { cause });
  }
}

/** The file that marks a folder as one that `writeFolder` may replace. */
export interface FolderManifest {
  readonly name: string;
  /** Returns its content, given the SHA-256 of each other file by name, in hexadecimal. */
  readonly make: (checksums: Readonly<Record<string, string>>) => Uint8Array;
}

/**
 * Writes a folder of files with `replaceFolder`, all of them or none.
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
  const check = () => checkReplaceable(target, [manifest.name]);
  await replaceFolder(target, { check }, async (folder) => {
    const checksums: Record<string, string> = {};
    for (const [name, chunks] of Object.entries(contents)) {
      checksums[name] = await writeFlushed(join(folder, name), chunks);
    }
    await writeFlushed(join(folder, manifest.name), [manifest.make(checksums)]);
  }).catch(refuse(target));
}

function refuse(file: string): (cause: unknown) => never {
  return (cause) => {
    throw cause instanceof DurableError ? cause : new DurableError(file, 'cannot be written', { cause });
  };
}

/**
 * Checks that a folder may be replaced: that it is missing, empty, or has one of the files that mark it as made by this program.
 * @throws DurableError if it has other files, or cannot be read.
 */
export async function checkReplaceable(directory: string, markers: readonly string[]): Promise<void> {
  const entries = await readdir(directory).catch((cause: NodeJS.ErrnoException): string[] => {
    if (cause.code === 'ENOENT') return [];
    throw new DurableError(directory, 'is not a folder that can be written', { cause });
  });
  if (entries.length === 0 || markers.some((marker) => entries.includes(marker))) return;
  throw new DurableError(directory, `holds other files and no ${markers.join(' or ')}. Name a new folder`);
}

/**
 * Writes a file that names a folder beside it. It is replaced as a whole, so a reader finds the name before or the
 * one after, also if this process is killed.
 */
export async function pointTo(file: string, name: string): Promise<void> {
  await replaceFile(file, [Buffer.from(`${name}\n`)]);
}

/**
 * @returns the folder that a pointer names; `path` itself if it is no file.
 * @throws Error if the file does not name a folder beside it.
 */
export function followPointer(path: string): string {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return path;
  const name = readFileSync(path, 'utf8').trimEnd();
  if (/^[\w.-]+$/.test(name) && !/^\.+$/.test(name)) return join(dirname(path), name);
  throw new Error(
    `${path} expected the name of a folder beside it, got ${JSON.stringify(name.slice(0, 100))}`,
  );
}
