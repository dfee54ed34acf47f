export { createWasmEngine, openWasmEngine, type WasmEngine, type WasmEngineOptions } from './engine.ts';
export { tableFingerprint } from './kernel-table.ts';
export type { NativeKernels } from './load-kernels.ts';
export type { CallMemory, MemoryRange } from './memory-plan.ts';
export type { WasmRuntime } from './runtime.ts';
export { MOST_THREADS } from './thread-pool.ts';
