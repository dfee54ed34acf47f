import type { Shape } from '@gru4rec/program';
import { type Buffer, type Call, kernelCall } from './kernel-call.ts';
import { kernelTable } from './kernel-table.ts';
import { type Layout, newLayout } from './layout.ts';

const { BLOCK_ITEMS, GROUP_BLOCKS, GROUPED_UNITS, ORDER_SETS, SAMPLED_GROUPS } = kernelTable.constants;
/** From 2 to 3, a list needs a quarter fewer groups than with 0. */
const SPREAD = 3;
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
  /** Of a table of at least `groupFrom` rows. */
  readonly groups: RowGroups | undefined;
}

/** Groups of similar rows of a table; `c/groups.h` documents them. */
export interface RowGroups {
  /** i32 [rows]: the row of each place. */
  readonly order: Buffer;
  /** i32: 32nd part of the groups a list reads; −1: all; 0: all, unordered. Then f32: what a mean's score gets per distance. */
  readonly step: Buffer;
  /** [groups, units], in whole blocks, with their int8 copy. */
  readonly means: Layout;
  readonly bias: Layout;
  readonly copy: Buffer;
  readonly norms: Buffer;
  readonly blocks: number;
  /** [units + 1, units + 1], and the sets of rows while they are ordered. */
  readonly moments: Layout;
  readonly sets: Buffer;
}

export function int8Copy(
  { rows, cols }: Shape,
  allocate: Allocate,
): Pick<RowGroups, 'copy' | 'norms' | 'blocks'> {
  const blocks = Math.ceil(rows / BLOCK_ITEMS);
  const blockBytes = BLOCK_ITEMS * 4 * (1 + Math.ceil(cols / 4));
  return { copy: allocate(blocks * blockBytes), norms: allocate(blocks * 8), blocks };
}

export function rowGroups({ rows, cols }: Shape, from: number, allocate: Allocate): RowGroups | undefined {
  if (rows < from || cols > GROUPED_UNITS) return undefined;
  const groups = Math.ceil(rows / (GROUP_BLOCKS * BLOCK_ITEMS));
  const places = BLOCK_ITEMS * Math.ceil(groups / BLOCK_ITEMS);
  const layout = (ofRows: number, ofCols: number): Layout =>
    newLayout({ dtype: 'f32', rows: ofRows, cols: ofCols }, allocate);
  const order = allocate(rows * 4, (words) => {
    for (let row = 0; row < rows; row++) words[order.address / 4 + row] = row;
  });
  const means = layout(places, cols);
  return {
    ...{ order, step: allocate(8), sets: allocate(8 * ORDER_SETS) },
    ...{ means, bias: layout(places, 1), ...int8Copy(means, allocate) },
    moments: layout(cols + 1, cols + 1),
  };
}

/** The calls that order the rows of tables with groups, which read the moments. Their int8 copies are scratch. */
export function orderCalls(copies: Iterable<QuantizedTable>): Call[] {
  return Array.from(copies).flatMap(({ table, bias, copy: keys, groups }) => {
    if (!groups) return [];
    const { stride, rows: n, cols: inner } = table;
    const { moments, order, sets } = groups;
    const given = { table, stride, n, inner, bias, moments, ldm: moments.stride, order, keys, sets };
    return [kernelCall('ORDER_ROWS', given), kernelCall('ORDER_PARTS', given)];
  });
}

export function groupCalls({ table, bias: rowBias }: QuantizedTable, groups: RowGroups): Call[] {
  const { stride, rows: n, cols: inner } = table;
  const { order, step, means, bias, blocks, copy, norms } = groups;
  const meanCall = { table, stride, n, inner, bias: rowBias, order, step, blocks, means, meanBias: bias };
  const copied = { table: means, stride, n: means.rows, inner, bias, order: undefined, blocks, copy, norms };
  return [kernelCall('GROUP_MEANS', meanCall), kernelCall('QUANTIZE_TABLE', copied)];
}

export function stepOf({ blocks }: RowGroups, share: number): number {
  if (share >= 1) return -1;
  return Math.max(1, Math.round((share * blocks * BLOCK_ITEMS) / SAMPLED_GROUPS));
}

/** What a mean's score gets per distance of its rows: a few times as much as hidden states [m, units] give a row on average. */
export function spreadOf(hidden: Float32Array): number {
  return SPREAD * Math.sqrt(meanSquare(hidden));
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

function meanSquare(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value * value, 0) / values.length;
}

/** Which int8 copies have the present values of their tables, and how many answers did without one. */
export class TableCopies {
  readonly #copies: ReadonlyMap<string, QuantizedTable>;
  readonly #screenAfter: number;
  readonly #current = new Set<QuantizedTable>();
  /** Answers that scored all items since the table last changed. */
  readonly #unscreened = new Map<QuantizedTable, number>();

  /** @param screenAfter - number of answers after a change that are not screened. */
  constructor(copies: ReadonlyMap<string, QuantizedTable>, screenAfter: number) {
    this.#copies = copies;
    this.#screenAfter = screenAfter;
  }

  areCurrent(copies: ReadonlySet<QuantizedTable>): boolean {
    for (const copy of copies) if (!this.#current.has(copy)) return false;
    return true;
  }

  /** Counts an answer. @returns whether it should do without copies, because filling them does not pay yet. */
  skip(copies: ReadonlySet<QuantizedTable>): boolean {
    let early = true;
    for (const copy of copies) {
      const answers = (this.#unscreened.get(copy) ?? 0) + 1;
      this.#unscreened.set(copy, answers);
      early &&= answers <= this.#screenAfter;
    }
    return early;
  }

  update(copies: ReadonlySet<QuantizedTable>, changes: ReadonlySet<string>): void {
    for (const copy of copies) this.#current.add(copy);
    if (changes.size > 0) this.expire((variable) => changes.has(variable));
  }

  expire(isChanged: (variable: string) => boolean): void {
    for (const copy of this.#copies.values()) {
      if (!isChanged(copy.names.table) && !isChanged(copy.names.bias)) continue;
      this.#current.delete(copy);
      this.#unscreened.delete(copy);
    }
  }
}
