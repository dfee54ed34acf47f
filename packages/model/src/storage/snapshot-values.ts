import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { ModelError } from './model-error.ts';
import { openModelFile } from './model-file.ts';
import type { TensorRecord } from './snapshot-manifest.ts';
import type { SnapshotTensor } from './stored-tensor.ts';

/** Bytes per read; a read takes less than 2 GiB. */
const READ_AT_ONCE = 1 << 26;

/** The values of all tensors in order, as in memory (little-endian). The pieces are views of them. */
export function* valueChunks(tensors: readonly SnapshotTensor[]): Iterable<Uint8Array> {
  for (const { values } of tensors) {
    yield new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  }
}

/**
 * Reads the file that `valueChunks` wrote.
 *
 * @param source.sha256 - of the whole file, in hexadecimal digits.
 * @throws ModelError if the file is missing, of another length or altered.
 */
export async function readValues(
  source: { readonly file: string; readonly sha256: string | undefined },
  records: readonly TensorRecord[],
): Promise<SnapshotTensor[]> {
  const { file } = source;
  const handle = await openModelFile(file);
  try {
    const expected = records.reduce((sum, record) => sum + bytesOf(record), 0);
    const { size } = await handle.stat();
    if (size !== expected) {
      throw new ModelError(file, `expected ${expected} bytes, got ${size}: it is truncated or was altered`);
    }
    const hash = createHash('sha256');
    const tensors: SnapshotTensor[] = [];
    for (const record of records) {
      const bytes = new Uint8Array(bytesOf(record));
      await fill(handle, bytes, (piece) => hash.update(piece));
      const { name, kind, type, rows, cols } = record;
      const values = type === 'float64' ? new Float64Array(bytes.buffer) : new Float32Array(bytes.buffer);
      tensors.push({ name, kind, rows, cols, values });
    }
    if (hash.digest('hex') === source.sha256) return tensors;
    throw new ModelError(file, 'differs from its checksum: it was altered');
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    throw new ModelError(file, 'cannot be read', { cause });
  } finally {
    await handle.close();
  }
}

function bytesOf({ type, rows, cols }: TensorRecord): number {
  return rows * cols * (type === 'float64' ? 8 : 4);
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
