import type { Shape } from '@gru4rec/program';
import { type Buffer, type Call, kernelCall } from './kernel-call.ts';
import { kernelTable } from './kernel-table.ts';
import { type Layout, newLayout } from './layout.ts';

const { BLOCK_ITEMS, GROUP_BLOCKS, GROUPED_UNITS, ORDER_SETS, SAMPLED_GROUPS } = kernelTable.constants;
/** Part of the products of states and some rows that the units have which lists of groups read, and rounds that find directions. */
const [READ, ROUNDS] = [0.985, 16];
export const SOME_ROWS = 2048;
/** Keeps directions in which no hidden state was seen, as a part of the mean square of a unit. */
const UNSEEN = 1e-3;

type Allocate = (bytes: number, fill?: Buffer['fill']) => Buffer;

export interface TableNames {
  readonly table: string;
  readonly bias: string;
}

/** An int8 copy of a table and its biases; `c/quantize.h` documents it. */
export interface QuantizedTable {
  readonly names: TableNames;
  readonly table: Layout;
  readonly bias: Layout;
  readonly copy: Buffer;
  readonly norms: Buffer;
  readonly blocks: number;
  /** Groups of rows, from `groupFrom` rows on. */
  readonly groups: RowGroups | undefined;
}

/** Groups of similar rows of a table; `c/groups.h` documents them. */
export interface RowGroups {
  /** i32 [rows]: the row of each place. */
  readonly order: Buffer;
  /** i32: 32nd part of the groups a list reads; −1: all; 0: all, unordered. Then the first units of a row, which it reads of them. */
  readonly step: Buffer;
  /** [units, units]: directions in which rows are turned, those first in which states and rows are long. */
  readonly axes: Layout;
  /** The int8 copy of the means of groups. */
  readonly means: Buffer;
  readonly blocks: number;
  /** [units + 1, units + 1], and the sets of rows while they are ordered. */
  readonly moments: Layout;
  readonly sets: Buffer;
}

export function int8Copy(
  rows: number,
  cols: number,
  allocate: Allocate,
): Pick<QuantizedTable, 'copy' | 'norms' | 'blocks'> {
  const blocks = Math.ceil(rows / BLOCK_ITEMS);
  const blockBytes = BLOCK_ITEMS * 4 * (1 + Math.ceil(cols / 4));
  return { copy: allocate(blocks * blockBytes), norms: allocate(blocks * 8), blocks };
}

export function rowGroups({ rows, cols }: Shape, from: number, allocate: Allocate): RowGroups | undefined {
  if (rows < from || cols > GROUPED_UNITS) return undefined;
  const groups = Math.ceil(rows / (GROUP_BLOCKS * BLOCK_ITEMS));
  const layout = (ofRows: number, ofCols: number): Layout =>
    newLayout({ dtype: 'f32', rows: ofRows, cols: ofCols }, allocate);
  const order = allocate(rows * 4, (words) => {
    for (let row = 0; row < rows; row++) words[order.address / 4 + row] = row;
  });
  const { copy: means, blocks } = int8Copy(groups, cols + 1, allocate);
  return {
    order,
    step: allocate(8),
    sets: allocate(8 * ORDER_SETS),
    means,
    blocks,
    axes: layout(cols, cols),
    moments: layout(cols + 1, cols + 1),
  };
}

/** The calls that order the rows of tables with groups, which read the moments. Their int8 copies are scratch. */
export function orderCalls(copies: Iterable<QuantizedTable>): Call[] {
  return Array.from(copies).flatMap(({ table, bias, copy: keys, groups }) => {
    if (!groups) return [];
    const { stride, rows: n, cols: inner } = table;
    const { moments, order, sets } = groups;
    const shared = { table, stride, n, inner, bias, moments, ldm: moments.stride, order, keys, sets };
    return [kernelCall('ORDER_ROWS', shared), kernelCall('ORDER_PARTS', shared)];
  });
}

export function stepOf({ blocks }: RowGroups, share: number): number {
  if (share >= 1) return -1;
  return Math.max(1, Math.round((share * blocks * BLOCK_ITEMS) / SAMPLED_GROUPS));
}

/** Second moments [units + 1, units + 1] of hidden states [m, units] and 1. */
export function momentsOf(hidden: Float32Array, units: number): Float32Array {
  const size = units + 1;
  const states = hidden.length / units;
  const valueAt = (state: number, j: number): number =>
    j < units ? (hidden[state * units + j] as number) : 1;
  const unseen = UNSEEN * meanSquare(hidden);
  return Float32Array.from({ length: size * size }, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    let sum = 0;
    for (let state = 0; state < states; state++) sum += valueAt(state, i) * valueAt(state, j);
    return sum / states + (i === j && i < units ? unseen : 0);
  });
}

/**
 * Orthonormal directions [units, units] in which to turn rows, first those in which hidden states [m, units] are long, and how many
 * units of a turned row, with the number before it, have most of its products with states.
 * @param rows - [n, units], some of the table.
 */
export function turnOf(hidden: Float32Array, rows: Float32Array, units: number): [Float32Array, number] {
  // Units are counted by other states than those that the directions fit.
  const half = (side: number) => hidden.filter((_, at) => Math.floor(at / units) % 2 === side);
  const moments = momentsOf(half(0), units);
  const axes = new Float32Array(units * units);
  const each = Array.from({ length: units }, (_, at) => axes.subarray(at * units, (at + 1) * units));
  for (const [at, axis] of each.entries()) axis[at] = 1;
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, axis] of each.entries()) {
      // The smallest part keeps a direction where all states are zero.
      axis.set(axis.map((value, i) => 1e-20 * value + dotOf(axis, moments.subarray(i * (units + 1)))));
      for (const other of [...each.slice(0, at), ...each.slice(0, at)]) {
        const part = dotOf(axis, other);
        for (let j = 0; j < units; j++) axis[j] = (axis[j] as number) - part * (other[j] as number);
      }
      const norm = Math.sqrt(dotOf(axis, axis));
      for (let j = 0; j < units; j++) axis[j] = (axis[j] as number) / norm;
    }
  }
  const along = (axis: Float32Array, points: Float32Array): number => {
    let sum = 0;
    for (let at = 0; at < points.length; at += units) sum += dotOf(axis, points.subarray(at)) ** 2;
    return sum;
  };
  const parts = each.map((axis) => along(axis, half(1)) * along(axis, rows));
  let left = (1 - READ) * parts.reduce((sum, part) => sum + part, 0);
  let read = units;
  while (read > 0 && (parts[read - 1] as number) <= left) left -= parts[--read] as number;
  return [axes, Math.min(units + 1, 4 * Math.ceil((read + 1) / 4))];
}

/** The sum of products over the first, whose length is at most that of the second. */
function dotOf(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += (a[j] as number) * (b[j] as number);
  return sum;
}

function meanSquare(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value * value, 0) / values.length;
}

/** Which int8 copies have the present values of their tables. */
export class TableCopies {
  readonly #current = new Set<QuantizedTable>();

  areCurrent(copies: ReadonlySet<QuantizedTable>): boolean {
    for (const copy of copies) if (!this.#current.has(copy)) return false;
    return true;
  }

  update(copies: ReadonlySet<QuantizedTable>, changes: ReadonlySet<string>): void {
    for (const copy of copies) this.#current.add(copy);
    if (changes.size > 0) this.expire((variable) => changes.has(variable));
  }

  expire(isChanged: (variable: string) => boolean): void {
    for (const copy of this.#current) {
      if (isChanged(copy.names.table) || isChanged(copy.names.bias)) this.#current.delete(copy);
    }
  }
}
