/** A stretch of the engine's memory. Its address is known once the plan is made. */
export interface Buffer {
  bytes: number;
  /** Persistent buffers keep their content between steps; the others share memory by lifetime. */
  readonly persistent: boolean;
  address: number;
  /** Writes the initial content of a persistent buffer, after planning. */
  fill?: (words: Int32Array, floats: Float32Array) => void;
}

/** An argument of an op: an integer, a float, or an address inside a buffer. */
export type Argument =
  | number
  | { readonly float: number }
  | { readonly buffer: Buffer; readonly offset: number };

/** Who writes what: by the rows of the call, by one thread, or in a way of its own. */
export type Write = Buffer | { readonly buffer: Buffer; readonly by: 'first' | 'last' | 'scatter' };

/** One op of the compiled list. */
export interface Call {
  readonly kernel: string;
  readonly args: readonly Argument[];
  /** Buffers it needs beside those of its arguments: rows behind a list of addresses. */
  readonly uses: readonly Buffer[];
  readonly writes: readonly Write[];
  /** Rows that the threads split; absent where one thread does all. */
  readonly rows?: number;
  /** Buffers read by the same rows; all others are read whole by every thread. */
  readonly own?: readonly Buffer[];
  /** The thread that does all. */
  readonly thread?: 'first' | 'last';
  /** Multiplications and additions of a product. */
  readonly operations?: number;
  /** [out, in]: out may take the memory of in if this call is the last to need it. */
  readonly inPlace?: readonly [Buffer, Buffer];
}

/** Cache lines, and more than any vector needs. */
const ALIGNMENT = 64;

const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** Gives persistent buffers addresses from `base` on; returns the first free address. */
export function placePersistent(buffers: Iterable<Buffer>, base: number): number {
  let address = base;
  for (const buffer of buffers) {
    buffer.address = address;
    address += aligned(buffer.bytes);
  }
  return address;
}

/**
 * Gives the temporary buffers of a list of calls addresses from `base` on: first fit by lifetime, so that a
 * buffer takes the place of one whose last reader has run.
 *
 * @param timeOf - when each call runs: its index on one thread; with several, how many barriers come before it, as
 *   calls between two barriers run in no order. Call indices if not given.
 * @returns the first free address.
 */
export function placeTemporaries(calls: readonly Call[], base: number, timeOf?: readonly number[]): number {
  const first = new Map<Buffer, number>();
  const last = new Map<Buffer, number>();
  for (const [i, call] of calls.entries()) {
    for (const buffer of buffersOf(call)) {
      if (buffer.persistent) continue;
      if (!first.has(buffer)) first.set(buffer, i);
      last.set(buffer, i);
    }
  }
  const time = (call: number | undefined): number => timeOf?.[call ?? 0] ?? call ?? 0;
  let end = base;
  let active: Buffer[] = [];
  const order = [...first.keys()].sort((a, b) => (first.get(a) ?? 0) - (first.get(b) ?? 0));
  for (const buffer of order) {
    const start = first.get(buffer) ?? 0;
    const [out, into] = calls[start]?.inPlace ?? [];
    const dying =
      out === buffer && into && last.get(into) === start && into.bytes === buffer.bytes ? into : undefined;
    active = active.filter((other) => time(last.get(other)) >= time(start) && other !== dying);
    buffer.address = dying ? dying.address : firstGap(active, aligned(buffer.bytes), base);
    active.push(buffer);
    active.sort((a, b) => a.address - b.address);
    end = Math.max(end, buffer.address + aligned(buffer.bytes));
  }
  return end;
}

function firstGap(active: readonly Buffer[], bytes: number, base: number): number {
  let address = base;
  for (const other of active) {
    if (other.address - address >= bytes) return address;
    address = Math.max(address, other.address + aligned(other.bytes));
  }
  return address;
}

/** All buffers a call reads or writes. */
export function buffersOf(call: Call): readonly Buffer[] {
  return [...buffersIn(call.args), ...call.uses];
}

/** Buffers whose addresses are among some arguments. */
export function buffersIn(args: readonly Argument[]): readonly Buffer[] {
  return args.flatMap((a) => (typeof a === 'object' && 'buffer' in a ? [a.buffer] : []));
}
