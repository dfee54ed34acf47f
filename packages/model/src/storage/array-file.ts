import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { ModelError } from './model-error.ts';
import { openModelFile } from './model-file.ts';

/** Bytes per read; a read takes less than 2 GiB. */
const READ_AT_ONCE = 1 << 26;

/** Type of the numbers of a stored array. */
export type ArrayType = 'float64' | 'float32' | 'int32' | 'uint16';

/** A stored array. */
export type StoredValues = Float64Array | Float32Array | Int32Array | Uint16Array;

/** All types, for schemas. */
export const arrayTypeNames: readonly ArrayType[] = ['float64', 'float32', 'int32', 'uint16'];

const arrayTypes: Readonly<
  Record<ArrayType, { readonly BYTES_PER_ELEMENT: number; new (bytes: ArrayBuffer): StoredValues }>
> = { float64: Float64Array, float32: Float32Array, int32: Int32Array, uint16: Uint16Array };

/** What a manifest records of an array. */
export interface ArrayRecord {
  readonly type: ArrayType;
  readonly length: number;
}

/** What a manifest records of this array. */
export function recordOfArray(array: StoredValues): ArrayRecord {
  const type = arrayTypeNames.find((name) => array instanceof arrayTypes[name]) ?? 'float64';
  return { type, length: array.length };
}

/** The values of all arrays in order, as in memory (little-endian). The pieces are views of them. */
export function* arrayChunks(arrays: Iterable<StoredValues>): Iterable<Uint8Array> {
  for (const { buffer, byteOffset, byteLength } of arrays) {
    yield new Uint8Array(buffer, byteOffset, byteLength);
  }
}

/**
 * Reads the file that `arrayChunks` wrote. Its size is checked before memory is taken.
 *
 * @param source.sha256 - of the whole file, in hexadecimal digits.
 * @returns an array per record (fresh).
 * @throws ModelError if the file is missing, of another length or altered.
 */
export async function readArrays(
  source: { readonly file: string; readonly sha256: string | undefined },
  records: readonly ArrayRecord[],
): Promise<StoredValues[]> {
  const { file } = source;
  const handle = await openModelFile(file);
  try {
    const expected = records.reduce((sum, record) => sum + bytesOf(record), 0);
    const { size } = await handle.stat();
    if (size !== expected) {
      throw new ModelError(file, `expected ${expected} bytes, got ${size}: it is truncated or was altered`);
    }
    const hash = createHash('sha256');
    const arrays: StoredValues[] = [];
    for (const record of records) {
      const bytes = new Uint8Array(bytesOf(record));
      await fill(handle, bytes, (piece) => hash.update(piece));
      arrays.push(new arrayTypes[record.type](bytes.buffer));
    }
    if (hash.digest('hex') === source.sha256) return arrays;
    throw new ModelError(file, 'differs from its checksum: it was altered');
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    throw new ModelError(file, 'cannot be read', { cause });
  } finally {
    await handle.close();
  }
}

function bytesOf({ type, length }: ArrayRecord): number {
  return length * arrayTypes[type].BYTES_PER_ELEMENT;
}

/** Fills `bytes` with the next bytes of a file. */
async function fill(
  handle: FileHandle,
  bytes: Uint8Array,
  onPiece: (piece: Uint8Array) => void,
): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const piece = bytes.subarray(at, at + READ_AT_ONCE);
    const { bytesRead } = await handle.read(piece);
    if (bytesRead === 0) throw new RangeError('it became shorter while it was read');
    onPiece(piece.subarray(0, bytesRead));
    at += bytesRead;
  }
}
