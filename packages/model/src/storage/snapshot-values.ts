import { arrayChunks, readArrays } from './array-file.ts';
import type { TensorRecord } from './snapshot-manifest.ts';
import type { SnapshotTensor } from './stored-tensor.ts';

/** The values of all tensors in order, as in memory (little-endian). The pieces are views of them. */
export function valueChunks(tensors: readonly SnapshotTensor[]): Iterable<Uint8Array> {
  return arrayChunks(tensors.map(({ values }) => values));
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
  const shapes = records.map(({ type, rows, cols }) => ({ type, length: rows * cols }));
  const arrays = await readArrays(source, shapes);
  return records.map(({ name, kind, rows, cols }, place) => {
    const values = arrays[place] as SnapshotTensor['values'];
    return { name, kind, rows, cols, values };
  });
}
