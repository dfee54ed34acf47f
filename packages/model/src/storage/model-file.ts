import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { DurableError, writeFolder } from '@gru4rec/durable-files';
import { inWords, ModelError } from './model-error.ts';

/** Bytes per read; a hash takes less than 2 GiB per call. */
const READ_AT_ONCE = 1 << 26;

export interface ModelFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sha256: string;
}

/**
 * Reads a regular file of a model folder. Others are refused: a link could lead out of the folder, and reading a pipe could
 * wait forever.
 *
 * @param most - bytes; a larger file is refused without reading it.
 */
export async function readModelFile(directory: string, name: string, most: number): Promise<ModelFile> {
  const file = join(directory, name);
  const handle = await openModelFile(file);
  try {
    const { size } = await handle.stat();
    if (size > most) {
      throw new ModelError(file, `has ${inWords(size)}, expected at most ${inWords(most)}`);
    }
    return await readAll(handle, size);
  } catch (cause) {
    throw cause instanceof ModelError ? cause : new ModelError(file, 'cannot be read', { cause });
  } finally {
    await handle.close();
  }
}

export async function openModelFile(file: string): Promise<FileHandle> {
  const found = await lstat(file).catch((cause) => {
    throw new ModelError(file, 'cannot be read', { cause });
  });
  if (found.isSymbolicLink()) throw new ModelError(file, 'is a link, which is not followed. Copy the file');
  if (!found.isFile()) {
    throw new ModelError(file, `is ${found.isDirectory() ? 'a folder' : 'a pipe or device'}, not a file`);
  }
  // The file may have been replaced since: do not follow a link, and do not wait for a pipe.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  return open(file, flags).catch((cause) => {
    throw new ModelError(file, 'cannot be read', { cause });
  });
}

async function readAll(handle: FileHandle, size: number): Promise<ModelFile> {
  const bytes = new Uint8Array(size);
  const hash = createHash('sha256');
  let filled = 0;
  while (filled < size) {
    const { bytesRead } = await handle.read(bytes, filled, Math.min(READ_AT_ONCE, size - filled), filled);
    if (bytesRead === 0) break;
    hash.update(bytes.subarray(filled, filled + bytesRead));
    filled += bytesRead;
  }
  return { bytes: bytes.subarray(0, filled), sha256: hash.digest('hex') };
}

/**
 * Reads a file whose checksum is in a manifest.
 *
 * @param expected.most - bytes; a larger file is refused without reading it.
 * @param expected.verb - what to do again if it differs; `train` if not given.
 */
export async function readSealedFile(
  directory: string,
  name: string,
  expected: {
    readonly most: number;
    readonly sha256: string | undefined;
    readonly manifest: string;
    readonly verb?: string;
  },
): Promise<Uint8Array> {
  const { bytes, sha256 } = await readModelFile(directory, name, expected.most);
  if (sha256 === expected.sha256) return bytes;
  throw new ModelError(
    join(directory, name),
    `differs from the checksum in ${expected.manifest}: it is truncated or was altered. Copy or ${expected.verb ?? 'train'} it again`,
  );
}

/** `writeFolder` of durable-files, with this package's errors. */
export async function writeModelFolder(...args: Parameters<typeof writeFolder>): Promise<void> {
  try {
    await writeFolder(...args);
  } catch (error) {
    if (!(error instanceof DurableError)) throw error;
    throw new ModelError(error.file, error.problem, { cause: error.cause });
  }
}
