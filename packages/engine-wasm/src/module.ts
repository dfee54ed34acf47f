// The DOM library is only used for the types of WebAssembly.
/// <reference lib="dom" />

import { EngineUnavailableError } from '@gru4rec/program';
import { platform } from '#platform';
import { type KernelName, type kernelTable, tableFingerprint } from './kernel-table.ts';
import { bindNative, type NativePlan } from './native-kernels.ts';
import type { KernelFile } from './platform.ts';
import type { WasmInstance, WasmMemory, WasmModule } from './web-assembly.ts';

/** Which build of the kernels. */
export interface KernelBuild {
  /** Whether a multiplication and addition rounds once (relaxed SIMD) instead of twice. */
  readonly relaxed: boolean;
  /** Whether threads share the memory. */
  readonly shared: boolean;
}

/** A constant that the kernels export. */
export type KernelConstant = keyof (typeof kernelTable)['constants'] | 'OP_BYTES' | 'TABLE';

/** The compiled kernels. */
export interface KernelModule {
  readonly module: WasmModule;
  /** Value of an exported constant. */
  constant(name: KernelConstant): number;
  /** Bytes that a share of a kernel keeps, from the arguments that the table names. */
  shareBytes(kernel: KernelName, given: readonly number[]): number;
}

/** The functions of an instance of the kernels, which work on its memory. */
export interface KernelInstance {
  /** Runs this thread's share of ops `from` to `to` − 1 of the list at an address. */
  readonly run: (list: number, from: number, to: number) => void;
  /**
   * Sets the number of this thread, the number of threads, the address of its `SCRATCH_BYTES`, and how long it spins.
   */
  readonly startThread: (thread: number, threads: number, scratch: number, spins: number) => void;
  /** Sets the kernels that run natively, by a bit per number: those below 32, and the others. */
  readonly runOutside: (low: number, high: number) => void;
}

const loaded = new Map<string, KernelModule>();

/** Whether this runtime can share memory between threads. */
export function hasSharedMemory(): boolean {
  try {
    return (
      new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer instanceof SharedArrayBuffer
    );
  } catch {
    return false;
  }
}

/** Whether this runtime supports relaxed SIMD. */
export function hasRelaxedSimd(): boolean {
  return platform.hasRelaxedSimd();
}

/**
 * Compiles a build of the kernels, once per process.
 * @throws EngineUnavailableError if they have not been built from these sources, this runtime lacks SIMD, or it cannot
 *   read files at once.
 */
export function loadKernels(build: KernelBuild): KernelModule {
  const file = fileName(build);
  return loaded.get(file) ?? keep(file, () => platform.compileKernels(file), build);
}

/**
 * As `loadKernels`, without blocking in a browser.
 *
 * @param folder - URL of the files; see `WasmEngineOptions`.
 */
export async function fetchKernels(build: KernelBuild, folder?: string | URL): Promise<KernelModule> {
  const file = fileName(build);
  const known = loaded.get(file);
  if (known) return known;
  const module = await platform.fetchKernels(file, folder);
  return loaded.get(file) ?? keep(file, () => module, build);
}

function keep(file: KernelFile, compile: () => WasmModule, build: KernelBuild): KernelModule {
  const kernels = describeKernels(compile, build);
  if (kernels.constant('TABLE') !== tableFingerprint) {
    throw new EngineUnavailableError(
      `engine-wasm: wasm/${file} is of another version. Run \`pnpm --filter @gru4rec/engine-wasm build:kernels\`.`,
    );
  }
  loaded.set(file, kernels);
  return kernels;
}

function fileName({ relaxed, shared }: KernelBuild): KernelFile {
  return `kernels${relaxed ? '-relaxed' : ''}${shared ? '-shared' : ''}.wasm`;
}

function describeKernels(compile: () => WasmModule, { shared }: KernelBuild): KernelModule {
  try {
    const module = compile();
    const { exports } = instantiate(module, createMemory(1, shared));
    const constant = (name: KernelConstant): number => {
      const global = exports[name];
      return global instanceof WebAssembly.Global ? Number(global.value) : Number.NaN;
    };
    const shareBytes = (kernel: KernelName, given: readonly number[]): number =>
      (exports[`${kernel}_SHARE`] as (...given: readonly number[]) => number)(...given);
    return { module, constant, shareBytes };
  } catch (cause) {
    if (cause instanceof EngineUnavailableError) throw cause;
    throw new EngineUnavailableError('engine-wasm: this runtime cannot compile WebAssembly with SIMD.', {
      cause,
    });
  }
}

/** Creates memory of `pages` × 64 KiB, which never grows. */
export function createMemory(pages: number, shared: boolean): WasmMemory {
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
}

/** An instance that works on `memory`, with native kernels where there are some. */
export function instantiate(module: WasmModule, memory: WasmMemory, plan?: NativePlan): WasmInstance {
  const abort = (): never => {
    throw new Error('engine-wasm: a kernel aborted');
  };
  const native = plan ? bindNative(plan, memory) : abort;
  const instance = new WebAssembly.Instance(module, { env: { memory, abort, native } });
  if (plan) (instance.exports as unknown as KernelInstance).runOutside(plan.low, plan.high);
  return instance;
}
