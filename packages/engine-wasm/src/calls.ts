import type { KernelName } from './kernel-table.ts';

/** A range of the engine's memory. Its address is set by the memory plan. */
export interface Buffer {
  bytes: number;
  /** Persistent buffers keep their content between steps. The others share memory by lifetime. */
  readonly persistent: boolean;
  address: number;
  /** Writes the initial content of a persistent buffer, after planning. */
  fill?: (words: Int32Array, floats: Float32Array) => void;
}

/** A word of a call's record: an integer, a float, or an address inside a buffer. */
export type Word = number | { readonly float: number } | { readonly buffer: Buffer; readonly offset: number };

/** How a call accesses a buffer: each thread the rows of its share, only the first thread, or any thread any part. */
export interface Touch {
  readonly buffer: Buffer;
  readonly by: 'rows' | 'first' | 'all';
  readonly write: boolean;
}

/** Which threads run a call: one thread, all threads split by rows, or all threads with a split at run time. */
export type Runs = 'first' | 'last' | 'all' | { readonly rows: number };

/** One op of the compiled list. */
export interface Call {
  readonly kernel: KernelName;
  readonly words: readonly Word[];
  readonly touches: readonly Touch[];
  readonly runs: Runs;
  /** Multiplications and additions of a product. */
  readonly operations?: number;
  /** [out, in]: out may take the memory of in if this call is the last to need it. */
  readonly inPlace?: readonly [Buffer, Buffer];
}
