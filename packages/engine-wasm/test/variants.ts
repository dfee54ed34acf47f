import type { WasmEngineOptions } from '../src/index.ts';
import { findNativeKernels } from '../src/native/index.ts';

type Variants = Readonly<Record<string, WasmEngineOptions>>;

const state = findNativeKernels();
const [best, ...others] = state.kernels ? state.instructionSets : [];

function nativeVariant(set: string | undefined, threads: number): Variants {
  if (set === undefined) return {};
  const native = findNativeKernels(set).kernels;
  return { [`native, ${set}, on ${threads} threads`]: { native, threads, threadsFrom: 0 } };
}

/** Kernels and thread counts of the fast tests; `threadsFrom` 0 splits even the smallest program. */
export const fastVariants: Variants = {
  'wasm, plain SIMD': { threads: 1, relaxed: false },
  'wasm on 4 threads, relaxed SIMD': { threads: 4, threadsFrom: 0, relaxed: true },
  ...nativeVariant(best, 1),
};

/** The others, which `engine.slow.test.ts` runs; no native ones where there is no addon. */
export const slowVariants: Variants = {
  'wasm, relaxed SIMD': { threads: 1, relaxed: true },
  'wasm on 2 threads': { threads: 2, threadsFrom: 0, relaxed: false },
  'wasm without fused losses': { threads: 1, fuse: false },
  'wasm without fused losses on 3 threads': { threads: 3, threadsFrom: 0, fuse: false, relaxed: false },
  ...nativeVariant(best, 3),
  ...Object.assign({}, ...others.flatMap((set) => [1, 3].map((threads) => nativeVariant(set, threads)))),
};
