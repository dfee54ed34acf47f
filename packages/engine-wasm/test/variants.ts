import type { WasmEngineOptions } from '../src/index.ts';

/** Builds and thread counts that everything must run on; `threadsFrom` 0 splits even the smallest program. */
export const variants: Readonly<Record<string, WasmEngineOptions>> = {
  'wasm, plain SIMD': { threads: 1, relaxed: false },
  'wasm, relaxed SIMD': { threads: 1, relaxed: true },
  'wasm on 2 threads': { threads: 2, threadsFrom: 0, relaxed: false },
  'wasm on 4 threads, relaxed SIMD': { threads: 4, threadsFrom: 0, relaxed: true },
  'wasm without fused losses': { threads: 1, fuse: false },
  'wasm without fused losses on 2 threads': { threads: 2, threadsFrom: 0, fuse: false },
};
