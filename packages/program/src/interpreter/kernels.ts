import type { Attributes, OpName, Shape } from '@gru4rec/program';
import { philox4x32 } from '@gru4rec/random';

export interface Matrix extends Shape {
  readonly data: Float64Array | Int32Array;
}

/** Computes one op: fills `out`, which is zero, from `inputs`, which are read only. */
export type Kernel = (out: Matrix, inputs: readonly Matrix[], attributes: Attributes) => void;

export function zeros({ dtype, rows, cols }: Shape): Matrix {
  const data = dtype === 'f32' ? new Float64Array(rows * cols) : new Int32Array(rows * cols);
  return { dtype, rows, cols, data };
}

/** @throws RangeError unless −1 ≤ index < rows. */
export function expectRow(where: string, index: number, rows: number): void {
  if (index < -1 || index >= rows) {
    throw new RangeError(
      `${where}: index expected -1 to ${rows - 1}, got ${index}. The table has ${rows} rows.`,
    );
  }
}

function elementWise(f: (x: number, attributes: Attributes) => number): Kernel {
  return (out, [x], attributes) => {
    for (let i = 0; i < out.data.length; i++) out.data[i] = f(x.data[i], attributes);
  };
}

function broadcasting(f: (a: number, b: number) => number): Kernel {
  return (out, [a, b]) => {
    for (let r = 0; r < out.rows; r++) {
      for (let c = 0; c < out.cols; c++) {
        const ofA = a.data[(a.rows === 1 ? 0 : r) * a.cols + (a.cols === 1 ? 0 : c)];
        const ofB = b.data[(b.rows === 1 ? 0 : r) * b.cols + (b.cols === 1 ? 0 : c)];
        out.data[r * out.cols + c] = f(ofA, ofB);
      }
    }
  };
}

function column({ data, rows, cols }: Matrix, c: number): number[] {
  return Array.from({ length: rows }, (_, r) => data[r * cols + c]);
}

function listBest(out: Matrix, x: Matrix, isListed: (row: number, column: number) => boolean): void {
  for (let c = 0; c < x.cols; c++) {
    const values = column(x, c);
    // Compared, not subtracted: the difference of two infinities is NaN.
    const behind = (a: number, b: number): number =>
      Number(values[a] < values[b]) - Number(values[a] > values[b]);
    const best = [...values.keys()].filter((row) => isListed(row, c)).sort(behind);
    for (let place = 0; place < out.rows; place++) out.data[place * x.cols + c] = best[place] ?? -1;
  }
}

function reduction(start: number, f: (total: number, x: number) => number): Kernel {
  return (out, [x], { axis }) => {
    out.data.fill(start);
    for (let r = 0; r < x.rows; r++) {
      for (let c = 0; c < x.cols; c++) {
        const at = axis === 0 ? c : r;
        out.data[at] = f(out.data[at], x.data[r * x.cols + c]);
      }
    }
  };
}

/** The meaning of each op. */
export const kernels: Readonly<Record<OpName, Kernel>> = {
  sigmoid: elementWise((x) => 1 / (1 + Math.exp(-x))),
  tanh: elementWise((x) => Math.tanh(x)),
  step: elementWise((x) => (x > 0 ? 1 : 0)),
  relu: elementWise((x) => Math.max(x, 0)),
  'leaky-relu': elementWise((x, { alpha }) => (x > 0 ? x : Number(alpha) * x)),
  elu: elementWise((x, { alpha }) => (x > 0 ? x : Number(alpha) * Math.expm1(x))),
  exp: elementWise((x) => Math.exp(x)),
  log: elementWise((x) => Math.log(x)),
  sqrt: elementWise((x) => Math.sqrt(x)),
  add: broadcasting((a, b) => a + b),
  subtract: broadcasting((a, b) => a - b),
  multiply: broadcasting((a, b) => a * b),
  divide: broadcasting((a, b) => a / b),

  affine(out, [x], { scale, shift }) {
    for (let i = 0; i < out.data.length; i++) out.data[i] = Number(scale) * x.data[i] + Number(shift);
  },

  gather(out, [table, indices]) {
    for (let r = 0; r < out.rows; r++) {
      const index = indices.data[r];
      expectRow('gather', index, table.rows);
      if (index === -1) continue;
      for (let c = 0; c < out.cols; c++) out.data[r * out.cols + c] = table.data[index * table.cols + c];
    }
  },

  transpose(out, [x]) {
    for (let r = 0; r < x.rows; r++) {
      for (let c = 0; c < x.cols; c++) out.data[c * out.cols + r] = x.data[r * x.cols + c];
    }
  },

  diagonal(out, [x]) {
    for (let c = 0; c < out.cols; c++) out.data[c] = x.data[c * x.cols + c];
  },

  'from-diagonal'(out, [x]) {
    for (let c = 0; c < out.cols; c++) out.data[c * out.cols + c] = x.data[c];
  },

  concat(out, [a, b]) {
    out.data.set(a.data);
    out.data.set(b.data, a.data.length);
  },

  slice(out, [x], { from, to }) {
    out.data.set(x.data.subarray(Number(from) * x.cols, Number(to) * x.cols));
  },

  matmul(out, [a, b], { transposeA, transposeB }) {
    const inner = transposeA ? a.rows : a.cols;
    for (let r = 0; r < out.rows; r++) {
      for (let c = 0; c < out.cols; c++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) {
          const ofA = a.data[transposeA ? k * a.cols + r : r * a.cols + k];
          const ofB = b.data[transposeB ? c * b.cols + k : k * b.cols + c];
          sum += ofA * ofB;
        }
        out.data[r * out.cols + c] = sum;
      }
    }
  },

  'rank-counts'(out, [x, indices]) {
    for (let c = 0; c < x.cols; c++) {
      const index = indices.data[c];
      expectRow('rank-counts', index, x.rows);
      if (index === -1) continue;
      const values = column(x, c);
      const target = values[index];
      const nan = values.findIndex(Number.isNaN);
      out.data[c] = nan < 0 ? values.filter((value) => value > target).length : Number.NaN;
      out.data[x.cols + c] = nan < 0 ? values.filter((value) => value === target).length : nan;
    }
  },

  'top-indices'(out, [x, indices]) {
    listBest(out, x, (_, c) => indices?.data[c] !== -1);
  },

  'top-allowed'(out, [x, allowed]) {
    const isAllowed = (row: number) => ((allowed.data[row >> 5] >> (row & 31)) & 1) === 1;
    listBest(out, x, (row, c) => isAllowed(row) && x.data[row * x.cols + c] !== Number.NEGATIVE_INFINITY);
  },

  sum: reduction(0, (total, x) => total + x),
  max: reduction(-Infinity, (total, x) => Math.max(total, x)),

  broadcast(out, [x]) {
    for (let r = 0; r < out.rows; r++) {
      for (let c = 0; c < out.cols; c++) {
        out.data[r * out.cols + c] = x.data[(x.rows === 1 ? 0 : r) * x.cols + (x.cols === 1 ? 0 : c)];
      }
    }
  },

  'stop-gradient'(out, [x]) {
    out.data.set(x.data);
  },

  adjust(out, [x, rows, scale, added]) {
    out.data.set(x.data);
    for (const [at, row] of rows.data.entries()) {
      expectRow('adjust', row, x.rows);
      const to = row * x.cols + Math.floor(at / rows.cols);
      if (row !== -1) out.data[to] = scale.data[at] * x.data[to] + added.data[at];
    }
  },

  'scatter-rows'(out, [rows, indices]) {
    for (const [at, index] of indices.data.entries()) {
      const r = Math.floor((at * rows.rows) / indices.rows);
      expectRow('scatter-rows', index, out.rows);
      if (index === -1) continue;
      for (let c = 0; c < out.cols; c++) out.data[index * out.cols + c] += rows.data[r * out.cols + c];
    }
  },

  'add-rows'(out, [x, table, indices]) {
    out.data.set(x.data);
    for (const [at, index] of indices.data.entries()) {
      const i = Math.floor((at * x.rows) / indices.rows);
      expectRow('add-rows', index, table.rows);
      if (index === -1) continue;
      for (let c = 0; c < out.cols; c++) out.data[i * out.cols + c] += table.data[index * out.cols + c];
    }
  },

  'merge-rows'(out, [rows, indices]) {
    const positions = new Map<number, number>();
    for (const [at, index] of indices.data.entries()) {
      const r = Math.floor((at * rows.rows) / indices.rows);
      if (index < 0) continue;
      const u = positions.get(index) ?? positions.size;
      positions.set(index, u);
      for (let c = 0; c < out.cols; c++) out.data[u * out.cols + c] += rows.data[r * out.cols + c];
    }
  },

  constant(out, _inputs, { value }) {
    out.data.fill(Number(value));
  },

  /** 0 where the element's Philox word < ⌊p · 2³²⌋, else 1 / (1 − p); the counter is the op definition's. */
  'dropout-mask'(out, [philox], { p, stream }) {
    const [keyLow, keyHigh, stepLow, stepHigh] = philox.data;
    const threshold = Math.floor(Number(p) * 2 ** 32);
    const kept = 1 / (1 - Number(p));
    const word3 = Number(stream) * 2 ** 16 + (stepHigh >>> 0);
    const words = new Uint32Array(4);
    for (let element = 0; element < out.data.length; element++) {
      philox4x32(keyLow, keyHigh, Math.floor(element / 4), 0, stepLow, word3, words, 0);
      out.data[element] = words[element % 4] >= threshold ? kept : 0;
    }
  },
};
