// The DOM library is only used for the types of WebAssembly.
/// <reference lib="dom" />
import { readFileSync } from 'node:fs';
import v8 from 'node:v8';
import { EngineUnavailableError } from '@gru4rec/program';
import { type KernelName, type kernelTable, tableFingerprint } from './kernel-table.ts';
import { bindNative, type NativePlan } from './native-kernels.ts';

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
  readonly module: WebAssembly.Module;
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

const BUILD = 'Run `pnpm --filter @gru4rec/engine-wasm build:kernels`.';
const RELAXED_FLAG = '--experimental-wasm-relaxed-simd';
const loaded = new Map<string, KernelModule>();

/**
 * Whether this runtime supports relaxed SIMD. Node 20 has it behind a flag, which this function sets for the process.
 */
export function hasRelaxedSimd(): boolean {
  const bytes = readKernels({ relaxed: true, shared: false });
  if (WebAssembly.validate(bytes)) return true;
  v8.setFlagsFromString(RELAXED_FLAG);
  return WebAssembly.validate(bytes);
}

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

/**
 * Compiles a build of the kernels, once per process. They are optimised before the first step.
 * @throws EngineUnavailableError if they have not been built from these sources, or this runtime lacks SIMD.
 */
export function loadKernels(build: KernelBuild): KernelModule {
  const key = fileName(build);
  const known = loaded.get(key);
  if (known) return known;
  const kernels = compileKernels(build);
  if (kernels.constant('TABLE') !== tableFingerprint) {
    throw new EngineUnavailableError(`engine-wasm: wasm/${key} is of another version. ${BUILD}`);
  }
  loaded.set(key, kernels);
  return kernels;
}

function fileName({ relaxed, shared }: KernelBuild): string {
  return `kernels${relaxed ? '-relaxed' : ''}${shared ? '-shared' : ''}.wasm`;
}

function readKernels(build: KernelBuild): Uint8Array<ArrayBuffer> {
  const name = fileName(build);
  try {
    return new Uint8Array(readFileSync(new URL(`../wasm/${name}`, import.meta.url)));
  } catch (cause) {
    throw new EngineUnavailableError(`engine-wasm: wasm/${name} is missing. ${BUILD}`, { cause });
  }
}

function compileKernels(build: KernelBuild): KernelModule {
  const bytes = readKernels(build);
  // Without these flags, the first seconds run baseline code at a fraction of the speed.
  v8.setFlagsFromString('--no-liftoff');
  v8.setFlagsFromString('--no-wasm-lazy-compilation');
  try {
    const module = new WebAssembly.Module(bytes);
    const { exports } = instantiate(module, createMemory(1, build.shared));
    const constant = (name: KernelConstant): number => {
      const global = exports[name];
      return global instanceof WebAssembly.Global ? Number(global.value) : Number.NaN;
    };
    const shareBytes = (kernel: KernelName, given: readonly number[]): number =>
      (exports[`${kernel}_SHARE`] as (...given: readonly number[]) => number)(...given);
    return { module, constant, shareBytes };
  } catch (cause) {
    throw new EngineUnavailableError('engine-wasm: this runtime cannot compile WebAssembly with SIMD.', {
      cause,
    });
  } finally {
    v8.setFlagsFromString('--liftoff');
    v8.setFlagsFromString('--wasm-lazy-compilation');
  }
}

/** Creates memory of `pages` × 64 KiB, which never grows. */
export function createMemory(pages: number, shared: boolean): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
}

/** An instance that works on `memory`, with native kernels where there are some. */
export function instantiate(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  plan?: NativePlan,
): WebAssembly.Instance {
  const abort = (): never => {
    throw new Error('engine-wasm: a kernel aborted');
  };
  const native = plan ? bindNative(plan, memory) : abort;
  const instance = new WebAssembly.Instance(module, { env: { memory, abort, native } });
  if (plan) (instance.exports as unknown as KernelInstance).runOutside(plan.low, plan.high);
  return instance;
}
