import type { GroupingRuntime } from '@gru4rec/program';
import type { CallMemory } from './call-memory.ts';

/** A runtime that also lists the kernels of its steps. */
export interface WasmRuntime extends GroupingRuntime {
  /** Kernel calls of one step, in order. */
  kernels(program: string): readonly string[];
  /** Names of the programs of the engine itself, which nobody need run. */
  readonly ownPrograms: readonly string[];
  /** The same calls with the memory that each may access, for checks of kernels. */
  callMemory(program: string): readonly CallMemory[];
  /** Bytes of the engine's memory. */
  readonly memoryBytes: number;
}
