import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { DurableError, writeFolder } from '@gru4rec/durable-files';
import { inWords, ModelError } from './manifest.ts';

/** Bytes per read; a hash takes less than 2 GiB per call. */
const READ_AT_ONCE = 1 << 26;

export interface ModelFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sha256: string;
}

/**
 * Reads a regular file of a model folder. Others are refused: a link could lead out of the folder, and reading a pipe could wait
 * forever.
 * @param most - bytes; a larger file is refused without reading it.
 */
export async function readModelFile(directory: string, name: string, most: number): Promise<ModelFile> {
  const file = join(directory, name);
  return reading(file, async (handle) => {
    const { size } = await handle.stat();
    if (size > most) {
      throw new ModelError(file, `has ${inWords(size)}, expected at most ${inWords(most)}`);
    }
    const hash = createHash('sha256');
    const bytes = await readBytes(handle, size, (piece) => hash.update(piece));
    return { bytes, sha256: hash.digest('hex') };
  });
}

async function reading<T>(file: string, read: (handle: FileHandle) => Promise<T>): Promise<T> {
  let handle: FileHandle | undefined;
  try {
    handle = await openModelFile(file);
    return await read(handle);
  } catch (cause) {
    throw cause instanceof ModelError ? cause : new ModelError(file, 'cannot be read', { cause });
  } finally {
    await handle?.close();
  }
}

async function openModelFile(file: string): Promise<FileHandle> {
  const stats = await lstat(file);
  if (stats.isSymbolicLink()) throw new ModelError(file, 'is a link, which is not followed. Copy the file');
  if (!stats.isFile()) {
    throw new ModelError(file, `is ${stats.isDirectory() ? 'a folder' : 'a pipe or device'}, not a file`);
  }
  // The file may have been replaced since: do not follow a link, and do not wait for a pipe.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  return open(file, flags);
}

/** Reads a file whose checksum is in a manifest; over `most` bytes, it is refused unread. `verb`: to do again, else `train`. */
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

export async function writeModelFolder(...args: Parameters<typeof writeFolder>): Promise<void> {
  try {
    await writeFolder(...args);
  } catch (error) {
    if (!(error instanceof DurableError)) throw error;
    throw new ModelError(error.file, error.problem, { cause: error.cause });
  }
}

/** Type of the numbers of a stored array, by its name in safetensors. */
export type ArrayType = 'F64' | 'F32' | 'I32' | 'U16' | 'U8';

export type StoredValues = Float64Array | Float32Array | Int32Array | Uint16Array | Uint8Array;

const arrayTypes: Readonly<
  Record<ArrayType, { readonly BYTES_PER_ELEMENT: number; new (bytes: ArrayBuffer): StoredValues }>
> = { F64: Float64Array, F32: Float32Array, I32: Int32Array, U16: Uint16Array, U8: Uint8Array };

/** The types of numbers that a file of tensors can have. */
export const arrayTypeNames: readonly ArrayType[] = Object.keys(arrayTypes) as ArrayType[];

/** What a header has of a tensor, beside its place. */
export interface TensorEntry {
  readonly name: string;
  /** F32 if not given. */
  readonly type?: ArrayType;
  readonly rows: number;
  readonly cols?: number;
}

/** The type of an array's numbers. */
export function typeOfArray(array: StoredValues): ArrayType {
  return arrayTypeNames.find((name) => array instanceof arrayTypes[name]) ?? 'U8';
}

interface PlacedTensor {
  readonly dtype: ArrayType;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [start: number, end: number];
}

/** The header of a safetensors file whose tensors have this order, without metadata. */
export function headerOf(entries: readonly TensorEntry[]): Record<string, PlacedTensor> {
  let end = 0;
  const places = entries.map((entry): [string, PlacedTensor] => {
    const start = end;
    end += bytesOf(entry);
    const { name, type: dtype = 'F32', rows, cols } = entry;
    return [name, { dtype, shape: cols === undefined ? [rows] : [rows, cols], data_offsets: [start, end] }];
  });
  return Object.fromEntries(places);
}

/**
 * A safetensors file in pieces. The pieces are views of the values, so that memory never holds a second copy of a table.
 * @param tensors - with different names, in any order.
 */
export function* tensorChunks(
  tensors: readonly (TensorEntry & { readonly values: StoredValues })[],
  metadata?: Readonly<Record<string, string>>,
): Iterable<Uint8Array> {
  const sorted = inOrder(tensors.map((tensor) => ({ ...tensor, type: typeOfArray(tensor.values) })));
  yield encoded({ __metadata__: metadata, ...headerOf(sorted) });
  for (const { values } of sorted) yield new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/**
 * Reads a file that `tensorChunks` wrote without metadata. Its header is not parsed: it must be that of the entries. The size is
 * checked before memory is taken.
 * @returns an array per entry (fresh).
 */
export async function readTensors(
  source: { readonly file: string; readonly sha256: string | undefined },
  entries: readonly TensorEntry[],
): Promise<StoredValues[]> {
  const { file } = source;
  return reading(file, async (handle) => {
    const sorted = inOrder(entries);
    const header = encoded(headerOf(sorted));
    const expected = sorted.reduce((sum, entry) => sum + bytesOf(entry), header.length);
    const { size } = await handle.stat();
    if (size !== expected) {
      throw new ModelError(file, `expected ${expected} bytes, got ${size}: it is truncated or was altered`);
    }
    const hash = createHash('sha256');
    const onPiece = (piece: Uint8Array) => hash.update(piece);
    if (!header.equals(await readBytes(handle, header.length, onPiece))) {
      throw new ModelError(file, 'has other tensors than its manifest: it was altered');
    }
    const arrays = await readArrays(handle, sorted, onPiece);
    const places = new Map(sorted.map((entry, place) => [entry, place]));
    if (hash.digest('hex') === source.sha256) {
      return entries.map((entry) => arrays[places.get(entry) ?? 0]);
    }
    throw new ModelError(file, 'differs from its checksum: it was altered. Copy it again, or make it again');
  });
}

/** Reads the next arrays of a file (fresh). */
export async function readArrays(
  handle: FileHandle,
  entries: readonly TensorEntry[],
  onPiece?: (piece: Uint8Array) => void,
): Promise<StoredValues[]> {
  const arrays: StoredValues[] = [];
  for (const entry of entries) {
    const { buffer } = await readBytes(handle, bytesOf(entry), onPiece);
    arrays.push(new arrayTypes[entry.type ?? 'F32'](buffer));
  }
  return arrays;
}

/** Reads the next bytes of a file (fresh). */
export async function readBytes(
  handle: FileHandle,
  length: number,
  onPiece?: (piece: Uint8Array) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const piece = bytes.subarray(at, at + READ_AT_ONCE);
    const { bytesRead } = await handle.read(piece);
    if (bytesRead === 0) throw new RangeError('it became shorter while it was read');
    onPiece?.(piece.subarray(0, bytesRead));
    at += bytesRead;
  }
  return bytes;
}

/** In the order of the format's own writer: wide numbers first, so that all are aligned, and by name. */
function inOrder<Entry extends TensorEntry>(entries: readonly Entry[]): Entry[] {
  const width = ({ type = 'F32' }: TensorEntry) => arrayTypes[type].BYTES_PER_ELEMENT;
  return [...entries].sort((a, b) => width(b) - width(a) || (a.name < b.name ? -1 : 1));
}

function bytesOf({ type = 'F32', rows, cols = 1 }: TensorEntry): number {
  return rows * cols * arrayTypes[type].BYTES_PER_ELEMENT;
}

/** The length of a header and its JSON, padded with blanks so that the data start at a multiple of 8 bytes. */
function encoded(header: object): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const bytes = Buffer.alloc(8 + 8 * Math.ceil(json.length / 8), ' ');
  bytes.writeBigUInt64LE(BigInt(bytes.length - 8));
  bytes.set(json, 8);
  return bytes;
}
