export type { CallMemory, MemoryRange } from './call-memory.ts';
export { createWasmEngine, openWasmEngine, type WasmEngine } from './engine.ts';
export { tableFingerprint } from './kernel-table.ts';
export type { NativeKernels } from './native-kernels.ts';
export { MOST_THREADS, type WasmEngineOptions } from './options.ts';
export type { WasmRuntime } from './runtime.ts';
