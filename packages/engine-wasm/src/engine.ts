import { checkOptions } from '@gru4rec/checks';
import { type Engine, type Program, sharedVariables } from '@gru4rec/program';
import { compileGrouping, compileProgram } from './compile.ts';
import type { Buffer } from './kernel-call.ts';
import type { SharedMemory } from './lowering.ts';
import { fetchKernels, type KernelBuild, type Kernels, loadKernels } from './module.ts';
import { loadNative, type NativeSampling, nativeSampling } from './native-kernels.ts';
import { relaxedFor, threadsFor, type WasmEngineOptions, wasmEngineChecks } from './options.ts';
import { PlannedRuntime, type WasmRuntime } from './runtime.ts';
import { threadPool } from './thread-pool.ts';

/** An engine whose runtimes can list and time the kernels of a step. */
export interface WasmEngine extends Engine {
  /** Threads that share each step, the calling one included. */
  readonly threads: number;
  /** Whether it runs the kernels with relaxed SIMD. */
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
  checkOptions('createWasmEngine', options, wasmEngineChecks);
  const threads = threadsFor(options.threads);
  return { threads, relaxed: relaxedFor(options.relaxed), shared: threads > 1 };
}

function engineOf(options: WasmEngineOptions, build: EngineBuild, kernels: Kernels): WasmEngine {
  const {
    fuse = true,
    threadsFrom = 1e6,
    screenFrom = 3e4,
    screenAfter = 32,
    groupFrom = 1e5,
    native,
  } = options;
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
      return new PlannedRuntime(compiled, shared, { threads, variables, screenAfter });
    },
  };
}
