import { availableParallelism } from 'node:os';
import { EngineUnavailableError } from '@gru4rec/program';
import { hasRelaxedSimd, hasSharedMemory } from './module.ts';
import type { NativeKernels } from './native-kernels.ts';

/** Options of the wasm engine. */
export interface WasmEngineOptions {
  /** Whether losses run as fused kernels (default) or composed of primitive ops. */
  readonly fuse?: boolean;
  /** Number of threads. Default: the number of cores, or 1 where memory cannot be shared. */
  readonly threads?: number;
  /** Number of operations in products from which a program runs on several threads. Default: 1e6 (about 30 µs). */
  readonly threadsFrom?: number;
  /**
   * Elements of an item table from which an int8 copy, a quarter of its size, screens the items of an answer, so that few
   * are scored in float32. Answers are the same. Default: 3e4.
   */
  readonly screenFrom?: number;
  /**
   * Answers of a single column that score all items after a change of the table, before the copy is filled. Filling it
   * takes as long as 20 to 40 of them save. Default: 32.
   */
  readonly screenAfter?: number;
  /**
   * Whether to use relaxed SIMD, which rounds once instead of twice and is faster. Default: if the runtime supports it.
   */
  readonly relaxed?: boolean;
  /** Kernels in machine code that run in the place of WebAssembly's; results differ from theirs by rounding. */
  readonly native?: NativeKernels | undefined;
}

/** The largest number of threads. */
export const MOST_THREADS = 64;

/** How many threads to use. */
export function threadsFor(wanted: number | undefined): number {
  if (wanted === undefined) return hasSharedMemory() ? Math.min(availableParallelism(), MOST_THREADS) : 1;
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > MOST_THREADS) {
    throw new RangeError(
      `createWasmEngine: "threads" expected an integer from 1 to ${MOST_THREADS}, got ${wanted}`,
    );
  }
  if (wanted === 1 || hasSharedMemory()) return wanted;
  throw new EngineUnavailableError('engine-wasm: this runtime cannot share memory. Use one thread.');
}

/** Whether to use the kernels of relaxed SIMD. */
export function relaxedFor(wanted: boolean | undefined): boolean {
  if (wanted === false) return false;
  const available = hasRelaxedSimd();
  if (wanted && !available) {
    throw new EngineUnavailableError('engine-wasm: this runtime has no relaxed SIMD. Leave `relaxed` out.');
  }
  return available;
}
