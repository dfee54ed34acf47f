import { EngineUnavailableError } from '@gru4rec/program';
import { platform } from '#platform';
import { numberOf } from './kernel-call.ts';
import { tableFingerprint } from './kernel-table.ts';
import type { Kernels } from './module.ts';

/** Kernels in machine code, which work in the engine's memory. `findNativeKernels` finds them. */
export interface NativeKernels {
  /** Path of the Node-API addon. */
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
  shareBytes(set: string, kernel: number, given: Int32Array): number;
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
    shareBytes(kernel, given) {
      const words = new Int32Array(MOST_GIVEN);
      words.set(given);
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
