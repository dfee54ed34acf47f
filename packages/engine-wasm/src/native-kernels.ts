// The types of WebAssembly are in the DOM library; nothing else of it is used.
/// <reference lib="dom" />

import { EngineUnavailableError } from '@gru4rec/program';
import { platform } from '#platform';
import { numberOf } from './kernel-call.ts';
import { type KernelName, kernelTable, tableFingerprint } from './kernel-table.ts';
import type { WasmMemory } from './web-assembly.ts';

/** Kernels in machine code, which work in the engine's memory. The package `kernels-native` finds them. */
export interface NativeKernels {
  /** Path of the Node-API addon. */
  readonly path: string;
  /** `avx512`, `avx2` or `neon`. */
  readonly instructionSet: string;
}

/** What a thread needs to load the addon and bind it to a memory; it can be posted to a worker. */
export interface NativePlan extends NativeKernels {
  /** The number in the table of each of the addon's kernels, in the addon's order. */
  readonly numbers: Int32Array;
  /** A bit per number, of those below 32 and of the others. */
  readonly low: number;
  readonly high: number;
}

/** Runs a share of the op whose arguments are at the address `words` of the memory. */
type RunNative = (kernel: number, words: number, share: number, shares: number) => void;

/** Native forms of drawing and merging samples, in arrays of JavaScript; the package `sampler` documents them. */
export interface NativeSampling {
  draw(words: Uint32Array, threshold: Uint32Array, alias: Int32Array, out: Int32Array): void;
  merge(samples: Int32Array, place: Int32Array, items: Int32Array, counts: Float32Array): boolean;
}

/** What the addon exports; `kernels-native/c/addon.c` documents it. */
interface Addon {
  readonly table: number;
  readonly instructionSets: readonly string[];
  kernels(set: string): readonly KernelName[];
  shareBytes(set: string, kernel: string, given: Int32Array): number;
  bind(set: string, memory: Uint8Array, numbers: Int32Array): RunNative;
  sampling(set: string): NativeSampling;
}

/** The size of a share of a WebAssembly kernel. */
type ShareBytes = (kernel: KernelName, given: readonly number[]) => number;

/**
 * Loads an addon and checks that it fits the WebAssembly kernels, beside which it runs.
 *
 * @throws EngineUnavailableError if it cannot be loaded, was built for another table, or lacks the instruction set.
 */
export function planNative({ path, instructionSet }: NativeKernels, shareBytes: ShareBytes): NativePlan {
  const addon = loadAddon(path);
  const problem = problemOf(addon, instructionSet, shareBytes);
  if (problem) throw new EngineUnavailableError(`engine-wasm: native kernels ${path} ${problem}`);
  const numbers = Int32Array.from(addon.kernels(instructionSet), numberOf);
  let bits = 0n;
  for (const number of numbers) bits |= 1n << BigInt(number);
  const low = Number(BigInt.asIntN(32, bits));
  const high = Number(BigInt.asIntN(32, bits >> 32n));
  return { path, instructionSet, numbers, low, high };
}

/** What draws and merges samples with the plan's instruction set. */
export function nativeSampling({ path, instructionSet }: NativePlan): NativeSampling {
  return loadAddon(path).sampling(instructionSet);
}

/**
 * The function that an instance of the WebAssembly kernels imports; it must be held as long as the memory is used.
 *
 * @throws Error if the memory can grow, which is a fault of the engine: native kernels keep its address.
 */
export function bindNative({ path, instructionSet, numbers }: NativePlan, memory: WasmMemory): RunNative {
  if (canGrow(memory)) throw new Error('engine-wasm: native kernels expected memory that cannot grow');
  return loadAddon(path).bind(instructionSet, new Uint8Array(memory.buffer), numbers);
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

function loadAddon(path: string): Addon {
  try {
    return platform.loadAddon(path) as Addon;
  } catch (cause) {
    throw new EngineUnavailableError(`engine-wasm: native kernels ${path} cannot be loaded`, { cause });
  }
}

function problemOf(addon: Addon, set: string, shareBytes: ShareBytes): string | undefined {
  if (addon.table !== tableFingerprint || !('sampling' in addon))
    return 'were built for another version of the engine. Build them again';
  if (!addon.instructionSets.includes(set)) {
    return `expected an instruction set of this processor (${addon.instructionSets.join(', ')}), got ${set}`;
  }
  for (const kernel of addon.kernels(set)) {
    const entry = kernelTable.kernels[kernel];
    if (!('share' in entry)) continue;
    const given = Int32Array.of(448, 80, 20, 5000, 10);
    const expected = shareBytes(kernel, [...given.subarray(0, entry.share.length)]);
    const got = addon.shareBytes(set, kernel, given);
    if (got !== expected)
      return `expected ${expected} bytes per share of ${kernel}, got ${got}. Build them again`;
  }
  return undefined;
}
