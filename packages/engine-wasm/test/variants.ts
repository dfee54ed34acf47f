import type { WasmEngineOptions } from '../src/index.ts';
import { findNativeKernels } from '../src/native/index.ts';

const state = findNativeKernels();

/** Every instruction set of the native kernels, on one thread and on several; none where there is no addon. */
export const nativeVariants: Readonly<Record<string, WasmEngineOptions>> = Object.fromEntries(
  (state.kernels ? state.instructionSets : []).flatMap((set) => {
    const native = findNativeKernels(set).kernels;
    return [
      [`native, ${set}`, { native, threads: 1 }],
      [`native, ${set} on 3 threads`, { native, threads: 3, threadsFrom: 0 }],
    ];
  }),
);

/** Kernels and thread counts that everything must run on; `threadsFrom` 0 splits even the smallest program. */
export const variants: Readonly<Record<string, WasmEngineOptions>> = {
  'wasm, plain SIMD': { threads: 1, relaxed: false },
  'wasm, relaxed SIMD': { threads: 1, relaxed: true },
  'wasm on 2 threads': { threads: 2, threadsFrom: 0, relaxed: false },
  'wasm on 4 threads, relaxed SIMD': { threads: 4, threadsFrom: 0, relaxed: true },
  'wasm without fused losses': { threads: 1, fuse: false },
  'wasm without fused losses on 2 threads': { threads: 2, threadsFrom: 0, fuse: false },
  ...nativeVariants,
};
