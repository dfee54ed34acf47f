import { gradientTensors, type Node, type Program, type Shape, type Tensor } from '@gru4rec/program';
import {
  type Buffer,
  type Call,
  type CallDetails,
  type KernelArguments,
  kernelCall,
  type RowList,
  type ShareArguments,
  type SharingKernel,
  shareWords,
} from './kernel-call.ts';
import type { KernelName } from './kernel-table.ts';
import { byRows, bytesOf, type Layout, newLayout, rowBytesOf } from './layout.ts';
import type { Kernels } from './load-kernels.ts';
import { int8Copy, type QuantizedTable, rowGroups, type TableNames } from './quantized-table.ts';

/** Memory shared by all programs of a runtime: variables, scratch that outlives a step, constants. */
export interface SharedMemory {
  readonly kernels: Kernels;
  readonly persistent: Set<Buffer>;
  readonly variables: Map<string, Layout>;
  /** One word per row to find equal indices, by number of rows; `cell` holds the running base. */
  readonly indexMaps: Map<number, { map: Buffer; cell: Buffer }>;
  /** Int8 copies of tables, by the names of table and bias. */
  readonly quantized: Map<string, QuantizedTable>;
  /** Rows from which a table has groups. */
  readonly groupFrom: number;
  readonly zeros: Buffer;
  readonly sync: Buffer;
}

interface GatheredRows {
  readonly table: Layout;
  readonly indices: Layout;
  /** Addresses of the rows, created when an op first needs them. */
  list?: Buffer;
}

/** Ops whose output is in the memory of another value, or in memory that outlives the step. */
const sharesMemory: ReadonlySet<string> = new Set(['gather', 'constant', 'transpose', 'stop-gradient']);

export interface UniqueRows {
  readonly unique: Buffer;
  readonly head: Buffer;
  readonly next: Buffer;
  readonly count: Buffer;
}

export class ProgramLowering {
  readonly calls: Call[] = [];
  readonly program: Program;
  readonly shared: SharedMemory;
  readonly threads: number;
  /** How many nodes, outputs, assignments and updates read a tensor. */
  readonly useCount: Map<number, number> = new Map();
  readonly producers: Map<number, Node> = new Map();
  readonly deferred: Set<Node> = new Set();
  readonly copies: Set<QuantizedTable> = new Set();
  /** What calls of UNIQUE_INDICES found, by the ids of the indices and the rows of the table. */
  readonly uniqueRows: Map<string, UniqueRows> = new Map();
  readonly #layouts = new Map<number, Layout>();
  readonly #gathered = new Map<number, GatheredRows>();
  readonly #rowLists = new Map<string, Buffer>();
  readonly #bufferIds = new Map<Buffer, number>();

  constructor(program: Program, shared: SharedMemory, threads: number) {
    this.program = program;
    this.threads = threads;
    this.shared = shared;
    const use = (t: Tensor): unknown => this.useCount.set(t.id, (this.useCount.get(t.id) ?? 0) + 1);
    for (const node of program.nodes) {
      node.inputs.forEach(use);
      for (const output of node.outputs) this.producers.set(output.id, node);
    }
    Object.values(program.outputs).forEach(use);
    for (const { value } of program.assignments) use(value);
    for (const update of program.updates)
      [...gradientTensors(update.gradient), ...update.scalars].forEach(use);
  }

  /** Whether an op writes a tensor into memory that no other tensor shares. */
  ownsMemory(tensor: Tensor): boolean {
    const producer = this.producers.get(tensor.id);
    return producer !== undefined && !sharesMemory.has(producer.op);
  }

  call<K extends KernelName>(kernel: K, values: KernelArguments<K>, details?: CallDetails): void {
    this.calls.push(kernelCall(kernel, values, details));
  }

  copyRows(from: Layout, to: Layout): void {
    this.call('COPY_ROWS', { src: byRows(from), dst: to, rows: from.rows, stride: from.stride });
  }

  temporary(bytes: number): Buffer {
    return { bytes, persistent: false, address: 0 };
  }

  shares<K extends SharingKernel>(kernel: K, values: ShareArguments<K>): Buffer {
    const bytes = this.shared.kernels.shareBytes(kernel, shareWords(kernel, values));
    return this.temporary(this.threads * bytes);
  }

  persistent(bytes: number, fill?: Buffer['fill']): Buffer {
    const buffer: Buffer = { bytes, persistent: true, address: 0, ...(fill ? { fill } : {}) };
    this.shared.persistent.add(buffer);
    return buffer;
  }

  allocate(tensor: Tensor): Layout {
    return this.define(tensor, this.scratch(tensor));
  }

  scratch(shape: Shape): Layout {
    return newLayout(shape, (bytes) => this.temporary(bytes));
  }

  copy(value: Layout): Layout {
    const copy = { ...value, buffer: this.temporary(bytesOf(value)) };
    this.copyRows(value, copy);
    return copy;
  }

  define(tensor: Tensor, layout: Layout): Layout {
    this.#layouts.set(tensor.id, layout);
    return layout;
  }

  /** Makes rows of a table the value of a tensor. They are copied only if an op needs them to be contiguous. */
  defineGathered(tensor: Tensor, table: Layout, indices: Layout): void {
    this.#gathered.set(tensor.id, { table, indices });
  }

  has(tensor: Tensor): boolean {
    return this.#layouts.has(tensor.id);
  }

  isGathered(tensor: Tensor): boolean {
    return this.#gathered.has(tensor.id) && !this.#layouts.has(tensor.id);
  }

  dense(tensor: Tensor): Layout {
    const known = this.#layouts.get(tensor.id);
    if (known) return known;
    const gathered = this.#gathered.get(tensor.id);
    if (!gathered)
      throw new RangeError(`lowering: tensor ${tensor.id} of ${this.program.name} has no memory yet`);
    const out = this.allocate(tensor);
    const { table, indices } = gathered;
    this.call('GATHER_ROWS', {
      table,
      stride: table.stride,
      indices,
      n: indices.rows,
      out,
      strideOut: out.stride,
      bytes: rowBytesOf(table),
    });
    return out;
  }

  rows(tensor: Tensor): RowList {
    const gathered = this.#gathered.get(tensor.id);
    if (!gathered || this.#layouts.has(tensor.id)) return this.#rowsOf(this.dense(tensor));
    const { table, indices } = gathered;
    const zeros = this.zeros(table.stride);
    if (!gathered.list) {
      const list = this.temporary(indices.rows * 4);
      const { rows: n } = indices;
      this.call('ROW_ADDRESSES', { table, stride: table.stride, indices, n, zeros, list });
      gathered.list = list;
    }
    const behind = [table.buffer, zeros].map((buffer) => ({ buffer, by: 'all', write: false }) as const);
    return { list: gathered.list, behind };
  }

  #rowsOf({ buffer, rows, stride }: Layout): RowList {
    const id = this.#bufferIds.get(buffer) ?? this.#bufferIds.size;
    this.#bufferIds.set(buffer, id);
    const key = `${id}:${rows}:${stride}`;
    let list = this.#rowLists.get(key);
    if (!list) {
      const copied = this.persistent(rows * 4, (words) => {
        for (let i = 0; i < rows; i++) words[copied.address / 4 + i] = buffer.address + i * stride;
      });
      list = copied;
      this.#rowLists.set(key, list);
    }
    return { list, behind: [{ buffer, by: 'rows', write: false }] };
  }

  quantized(names: TableNames): QuantizedTable {
    const { variables, quantized } = this.shared;
    const [table, bias] = [variables.get(names.table), variables.get(names.bias)];
    if (!table || !bias) throw new RangeError(`lowering: ${names.table} or ${names.bias} has no memory yet`);
    const key = `${names.table} ${names.bias}`;
    let found = quantized.get(key);
    if (!found) {
      const persistent = this.persistent.bind(this);
      const groups = rowGroups(table, this.shared.groupFrom, persistent);
      const copy = int8Copy(table.rows, groups ? table.cols + 1 : table.cols, persistent);
      found = { names, table, bias, ...copy, groups };
      quantized.set(key, found);
    }
    this.copies.add(found);
    return found;
  }

  zeros(bytes: number): Buffer {
    this.shared.zeros.bytes = Math.max(this.shared.zeros.bytes, bytes);
    return this.shared.zeros;
  }
}
