import { type RuntimeArray, rowsWritten } from '@gru4rec/program';
import type { Layout } from './layout.ts';

/** Rows of fewer numbers are copied one by one: `set` takes a third of that with 100 columns, and three times it with 8. */
const LEAST_COPIED = 32;

const isDense = ({ rows, cols, stride }: Layout): boolean => stride === cols * 4 || rows === 1;

export class MemoryValues {
  readonly floats: Float32Array;
  readonly words: Int32Array;
  readonly #views = new Map<Layout, RuntimeArray>();

  constructor(buffer: ArrayBufferLike) {
    this.floats = new Float32Array(buffer);
    this.words = new Int32Array(buffer);
  }

  /** Row-major, all rows or some; `what` names the value in errors. @throws RangeError if the number of values is wrong. */
  store(what: string, layout: Layout, values: ArrayLike<number>, fromRow?: number): void {
    const { cols } = layout;
    const rows = rowsWritten(what, layout, values.length, fromRow);
    const target = layout.dtype === 'i32' ? this.words : this.floats;
    const stride = layout.stride / 4;
    const start = layout.buffer.address / 4 + (fromRow ?? 0) * stride;
    if (isDense(layout)) target.set(values, start);
    else if (values instanceof Float32Array && cols >= LEAST_COPIED) {
      for (let r = 0; r < rows; r++)
        target.set(values.subarray(r * cols, (r + 1) * cols), start + r * stride);
    } else {
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < cols; c++) target[start + r * stride + c] = values[r * cols + c] as number;
      }
    }
  }

  /** A view of the value if it is dense, otherwise a copy without padding that the next call overwrites. */
  view(layout: Layout): RuntimeArray {
    const { rows, cols, dtype } = layout;
    const start = layout.buffer.address / 4;
    const dense = isDense(layout);
    let view = this.#views.get(layout);
    if (!view) {
      const memory = dtype === 'i32' ? this.words : this.floats;
      view = dense ? memory.subarray(start, start + rows * cols) : memory.slice(0, rows * cols);
      this.#views.set(layout, view);
    }
    if (!dense) this.#unpack(layout, view);
    return view;
  }

  #unpack({ rows, cols, stride, buffer, dtype }: Layout, into: RuntimeArray): void {
    const memory = dtype === 'i32' ? this.words : this.floats;
    for (let r = 0; r < rows; r++) {
      const start = (buffer.address + r * stride) / 4;
      if (cols >= LEAST_COPIED) into.set(memory.subarray(start, start + cols), r * cols);
      else for (let c = 0; c < cols; c++) into[r * cols + c] = memory[start + c] as number;
    }
  }

  /** A view of the value if it is dense, otherwise a fresh copy. */
  detach(layout: Layout): Float32Array {
    const start = layout.buffer.address / 4;
    return isDense(layout)
      ? this.floats.subarray(start, start + layout.rows * layout.cols)
      : this.copy(layout);
  }

  copy(layout: Layout): Float32Array {
    if (isDense(layout)) return this.detach(layout).slice();
    const copy = new Float32Array(layout.rows * layout.cols);
    this.#unpack(layout, copy);
    return copy;
  }
}
