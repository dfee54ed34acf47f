// The DOM library is only used for the type of `crossOriginIsolated`.
/// <reference lib="dom" />

import { anything, checkOptions, flag, integer, type OptionChecks } from '@gru4rec/checks';
import { type Engine, EngineUnavailableError, type Program, sharedVariables } from '@gru4rec/program';
import { platform } from '#platform';
import { compileGrouping, compileProgram } from './compile.ts';
import type { Buffer } from './kernel-call.ts';
import {
  fetchKernels,
  hasSharedMemory,
  type KernelBuild,
  type Kernels,
  loadKernels,
  loadNative,
  type NativeKernels,
  type NativeSampling,
  nativeSampling,
} from './load-kernels.ts';
import type { SharedMemory } from './lowering.ts';
import { PlannedRuntime, type WasmRuntime } from './runtime.ts';
import { MOST_THREADS, threadPool } from './thread-pool.ts';

/** Options of the wasm engine. */
export interface WasmEngineOptions {
  /** Whether losses run as fused kernels (default) or composed of primitive ops. */
  readonly fuse?: boolean | undefined;
  /** Number of threads. Default: the number of cores, or 1 where memory cannot be shared, or on the main thread of a page. */
  readonly threads?: number | undefined;
  /** Number of operations in products from which a program runs on several threads. Default: 1e6 (about 30 µs). */
  readonly threadsFrom?: number | undefined;
  /**
   * Elements of an item table from which an int8 copy, a quarter of its size, screens the items of an answer, so that few
   * are scored in float32. Answers are the same. Default: 3e4.
   */
  readonly screenFrom?: number | undefined;
  /**
   * Rows from which a table can be read in groups of similar rows; see `group` of a runtime. They take about a 50th of the table's
   * memory and 4 bytes per row. Default: 1e5.
   */
  readonly groupFrom?: number | undefined;
  /** Whether to use relaxed SIMD, which rounds once instead of twice and is faster. Default: if the runtime supports it. */
  readonly relaxed?: boolean | undefined;
  /** Kernels in machine code that run in the place of WebAssembly's; a step differs from theirs by rounding. */
  readonly native?: NativeKernels | undefined;
  /**
   * Only `openWasmEngine` in a browser: URL of the folder that has the files of this package's `wasm`. Default: where the
   * bundler put them.
   */
  readonly kernelsUrl?: string | URL | undefined;
}

/** An engine whose runtimes can list and time the kernels of a step. */
export interface WasmEngine extends Engine {
  readonly threads: number;
  readonly relaxed: boolean;
  /** What the native kernels use, such as `avx512`; undefined where all kernels are WebAssembly. */
  readonly instructionSet: string | undefined;
  /** Draws and merges the samples of training steps; undefined where all kernels are WebAssembly. */
  readonly sampling: NativeSampling | undefined;
  load(programs: readonly Program[]): WasmRuntime;
}

/**
 * Creates the default engine: float32 SIMD kernels in WebAssembly, with memory that is planned when programs are
 * loaded. A step allocates nothing. The same build and number of threads give the same bits.
 *
 * @throws EngineUnavailableError if the kernels are missing or cannot be compiled, or if this runtime does not support
 *   what `options` ask for; in a browser, unless `openWasmEngine` has loaded the same kernels: use that.
 * @throws RangeError if `threads` is not an integer from 1 to 64.
 */
export function createWasmEngine(options: WasmEngineOptions = {}): WasmEngine {
  const build = buildFor(options);
  return engineOf(options, build, options.native ? loadNative(options.native) : loadKernels(build));
}

/**
 * As `createWasmEngine`, for pages and workers of browsers too: it fetches the kernels, and waits without blocking until its
 * worker threads have started. A step blocks the thread that runs it.
 *
 * @throws EngineUnavailableError as `createWasmEngine`, or if the kernels cannot be fetched or a worker thread cannot
 *   start.
 */
export async function openWasmEngine(options: WasmEngineOptions = {}): Promise<WasmEngine> {
  const build = buildFor(options);
  const { native, kernelsUrl } = options;
  const engine = engineOf(
    options,
    build,
    native ? loadNative(native) : await fetchKernels(build, kernelsUrl),
  );
  if (engine.threads > 1) await threadPool(engine.threads).ready();
  return engine;
}

interface EngineBuild extends KernelBuild {
  readonly threads: number;
}

function buildFor(options: WasmEngineOptions): EngineBuild {
  checkOptions('createWasmEngine', options, checks);
  const threads = threadsFor(options.threads);
  return { threads, relaxed: relaxedFor(options.relaxed), shared: threads > 1 };
}

function engineOf(options: WasmEngineOptions, build: EngineBuild, kernels: Kernels): WasmEngine {
  const { fuse = true, threadsFrom = 1e6, screenFrom = 3e4, groupFrom = 1e5, native } = options;
  const { threads, relaxed } = build;
  return {
    name: 'wasm',
    threads,
    relaxed,
    instructionSet: native?.instructionSet,
    sampling: native && nativeSampling(native),
    load(programs) {
      const variables = sharedVariables(programs);
      const zeros: Buffer = { bytes: 64, persistent: true, address: 0 };
      const sync: Buffer = { bytes: 64, persistent: true, address: 0 };
      const shared: SharedMemory = {
        kernels,
        persistent: new Set([zeros, sync]),
        variables: new Map(),
        indexMaps: new Map(),
        quantized: new Map(),
        groupFrom,
        zeros,
        sync,
      };
      const compiled = programs.map((program) =>
        compileProgram(program, shared, { fuse, threads, threadsFrom, screenFrom }),
      );
      const grouping = compileGrouping(shared, threads);
      if (grouping) compiled.push(grouping);
      return new PlannedRuntime(compiled, shared, { threads, variables });
    },
  };
}

const checks: OptionChecks<WasmEngineOptions> = {
  fuse: flag,
  threads: integer(1, MOST_THREADS),
  threadsFrom: anything,
  screenFrom: anything,
  groupFrom: anything,
  relaxed: flag,
  native: anything,
  kernelsUrl: anything,
};

function threadsFor(wanted: number | undefined): number {
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

function relaxedFor(wanted: boolean | undefined): boolean {
  if (wanted === false) return false;
  const available = platform.hasRelaxedSimd();
  if (wanted && !available) {
    throw new EngineUnavailableError('engine-wasm: this runtime has no relaxed SIMD. Leave `relaxed` out.');
  }
  return available;
}
