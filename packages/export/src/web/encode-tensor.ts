import type { StoredTensor, WebWeights } from '@gru4rec/model';

/** Rows with fewer columns are stored as float32: the scales would take as much as int8 saves, and biases are exact. */
const LEAST_COLUMNS = 16;
const LARGEST = 127;

/** How a tensor is stored if a model is to have these weights. */
export function weightsOf({ cols }: Pick<StoredTensor, 'cols'>, weights: WebWeights): WebWeights {
  return cols < LEAST_COLUMNS ? 'float32' : weights;
}

/** The bytes of a tensor; of float32, a view of its values. */
export function encodeTensor(tensor: StoredTensor, weights: WebWeights): Uint8Array {
  const { rows, cols, values } = tensor;
  if (weights === 'float32') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const integers = Math.ceil((rows * cols) / 4) * 4;
  const bytes = new Uint8Array(4 * rows + integers);
  const scales = new Float32Array(bytes.buffer, 0, rows);
  const quantized = new Int8Array(bytes.buffer, 4 * rows, rows * cols);
  for (let row = 0; row < rows; row++) {
    const own = values.subarray(row * cols, (row + 1) * cols);
    const scale = Math.fround(own.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / LARGEST);
    scales[row] = scale;
    if (scale > 0)
      quantized.set(
        own.map((value) => Math.round(value / scale)),
        row * cols,
      );
  }
  return bytes;
}
