// The DOM library is only used for the types of WebAssembly.
/// <reference lib="dom" />

import { EngineUnavailableError } from '@gru4rec/program';
import { platform } from '#platform';
import { bindKernels, type KernelParts, type RunKernels } from '../worker/bind-kernels.mjs';
import { numberOf } from './kernel-call.ts';
import { type KernelName, tableFingerprint } from './kernel-table.ts';
import type { KernelFile, WasmMemory, WasmModule } from './platform.ts';

export interface KernelBuild {
  /** Whether a multiplication and addition rounds once (relaxed SIMD) instead of twice. */
  readonly relaxed: boolean;
  readonly shared: boolean;
}

/** The kernels of a build of WebAssembly, or of an instruction set of an addon. */
export interface Kernels {
  readonly parts: KernelParts;
  /** Bytes that a share of a kernel keeps, from the arguments that the table names. */
  shareBytes(kernel: KernelName, words: readonly number[]): number;
}

const loaded = new Map<string, Kernels>();

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
 * Compiles a build of the kernels, once per process.
 * @throws EngineUnavailableError if they have not been built from these sources, this runtime lacks SIMD, or it cannot
 *   read files at once.
 */
export function loadKernels(build: KernelBuild): Kernels {
  const file = fileName(build);
  return loaded.get(file) ?? keep(file, () => platform.compileKernels(file), build);
}

/** As `loadKernels`, without blocking in a browser. @param folder - URL of the files; see `WasmEngineOptions`. */
export async function fetchKernels(build: KernelBuild, folder?: string | URL): Promise<Kernels> {
  const file = fileName(build);
  const known = loaded.get(file);
  if (known) return known;
  const module = await platform.fetchKernels(file, folder);
  return loaded.get(file) ?? keep(file, () => module, build);
}

function keep(file: KernelFile, compile: () => WasmModule, build: KernelBuild): Kernels {
  const { kernels, table } = describeKernels(compile, build);
  if (table !== tableFingerprint) {
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

function describeKernels(
  compile: () => WasmModule,
  { shared }: KernelBuild,
): { readonly kernels: Kernels; readonly table: number } {
  try {
    const module = compile();
    const instance = new WebAssembly.Instance(module, { env: { memory: createMemory(1, shared) } });
    const exports = instance.exports as {
      readonly table: () => number;
      readonly shareBytes: (kernel: number, ...given: readonly number[]) => number;
    };
    const shareBytes = (kernel: KernelName, words: readonly number[]): number =>
      exports.shareBytes(numberOf(kernel), ...words);
    return { kernels: { parts: { module }, shareBytes }, table: exports.table() };
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

/** @throws Error if they are native and the memory can grow, which is a fault of the engine: they keep its address. */
export function bindTo(kernels: Kernels, memory: WasmMemory): RunKernels {
  if ('native' in kernels.parts && canGrow(memory))
    throw new Error('engine-wasm: native kernels expected memory that cannot grow');
  return bindKernels(kernels.parts, memory, platform.loadAddon);
}

/** Whether the maximum exceeds the size. No property states the maximum, so this grows the memory if it can. */
function canGrow(memory: WasmMemory): boolean {
  try {
    memory.grow(1);
    return true;
  } catch {
    return false;
  }
}

/** Kernels in machine code, which work in the engine's memory. `findNativeKernels` finds them. */
export interface NativeKernels {
  readonly path: string;
  /** `avx512`, `avx2` or `neon`. */
  readonly instructionSet: string;
}

/** Native forms of drawing and merging samples, in arrays of JavaScript; the package `sampler` documents them. */
export interface NativeSampling {
  draw(words: Uint32Array, threshold: Uint32Array, alias: Int32Array, out: Int32Array): void;
  merge(samples: Int32Array, place: Int32Array, items: Int32Array, counts: Float32Array): boolean;
}

/** What the addon exports; `addon/addon.c` documents it. `bind` is called by `bindKernels`. */
interface Addon {
  readonly table: number;
  readonly instructionSets: readonly string[];
  shareBytes(set: string, kernel: number, words: Int32Array): number;
  sampling(set: string): NativeSampling;
}

const MOST_GIVEN = 5;

/** @throws EngineUnavailableError if it cannot be loaded, was built for another table, or lacks the instruction set. */
export function loadNative(native: NativeKernels): Kernels {
  const { path, instructionSet } = native;
  const addon = loadAddon(path);
  const problem = problemOf(addon, instructionSet);
  if (problem) throw new EngineUnavailableError(`engine-wasm: native kernels ${path} ${problem}`);
  return {
    parts: { native },
    shareBytes(kernel, sizes) {
      const words = new Int32Array(MOST_GIVEN);
      words.set(sizes);
      return addon.shareBytes(instructionSet, numberOf(kernel), words);
    },
  };
}

export function nativeSampling({ path, instructionSet }: NativeKernels): NativeSampling {
  return loadAddon(path).sampling(instructionSet);
}

function loadAddon(path: string): Addon {
  try {
    return platform.loadAddon(path) as Addon;
  } catch (cause) {
    throw new EngineUnavailableError(`engine-wasm: native kernels ${path} cannot be loaded`, { cause });
  }
}

function problemOf(addon: Addon, set: string): string | undefined {
  if (addon.table !== tableFingerprint || !('sampling' in addon))
    return 'were built for another version of the engine. Build them again';
  if (addon.instructionSets.includes(set)) return undefined;
  return `expected an instruction set of this processor (${addon.instructionSets.join(', ')}), got ${set}`;
}
