// The DOM library is only used for the type of `crossOriginIsolated`.
/// <reference lib="dom" />

import { anything, flag, integer, type OptionChecks } from '@gru4rec/checks';
import { EngineUnavailableError } from '@gru4rec/program';
import { platform } from '#platform';
import { hasRelaxedSimd, hasSharedMemory } from './module.ts';
import type { NativeKernels } from './native-kernels.ts';

/** Options of the wasm engine. */
export interface WasmEngineOptions {
  /** Whether losses run as fused kernels (default) or composed of primitive ops. */
  readonly fuse?: boolean;
  /** Number of threads. Default: the number of cores, or 1 where memory cannot be shared, or on the main thread of a page. */
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
   * Rows from which a table can be read in groups of similar rows; see `group` of a runtime. They take about a 25th of the table's
   * memory and 4 bytes per row. Default: 1e5.
   */
  readonly groupFrom?: number;
  /** Whether to use relaxed SIMD, which rounds once instead of twice and is faster. Default: if the runtime supports it. */
  readonly relaxed?: boolean;
  /** Kernels in machine code that run in the place of WebAssembly's; a step differs from theirs by rounding. */
  readonly native?: NativeKernels | undefined;
  /**
   * Only `openWasmEngine` in a browser: URL of the folder that has the files of this package's `wasm`. Default: where the
   * bundler put them.
   */
  readonly kernelsUrl?: string | URL | undefined;
}

/** The largest number of threads. */
export const MOST_THREADS = 64;

export const wasmEngineChecks: OptionChecks<WasmEngineOptions> = {
  fuse: flag,
  threads: integer(1, MOST_THREADS),
  ...{ threadsFrom: anything, screenFrom: anything, screenAfter: anything, groupFrom: anything },
  relaxed: flag,
  ...{ native: anything, kernelsUrl: anything },
};

export function threadsFor(wanted: number | undefined): number {
  const obstacle = obstacleToThreads();
  if (wanted === undefined) return obstacle ? 1 : Math.min(platform.processors(), MOST_THREADS);
  if (wanted === 1 || !obstacle) return wanted;
  throw new EngineUnavailableError(`engine-wasm: ${obstacle}`);
}

/** Why only one thread can run here, and what to do. */
function obstacleToThreads(): string | undefined {
  if (!hasSharedMemory()) {
    return globalThis.crossOriginIsolated === false
      ? 'this page cannot share memory, because it is not cross-origin isolated. Serve it with the headers ' +
          'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or use one thread.'
      : 'this runtime cannot share memory. Use one thread.';
  }
  if (canWait()) return undefined;
  return 'the main thread of a page cannot wait for others. Open the engine in a worker, or use one thread.';
}

/** Whether this thread may wait in `Atomics.wait`. */
function canWait(): boolean {
  try {
    return Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1) === 'not-equal';
  } catch {
    return false;
  }
}

export function relaxedFor(wanted: boolean | undefined): boolean {
  if (wanted === false) return false;
  const available = hasRelaxedSimd();
  if (wanted && !available) {
    throw new EngineUnavailableError('engine-wasm: this runtime has no relaxed SIMD. Leave `relaxed` out.');
  }
  return available;
}
