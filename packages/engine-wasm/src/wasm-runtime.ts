import type { GroupingRuntime, InputValue, RuntimeArray } from '@gru4rec/program';
import type { CallMemory } from './call-memory.ts';

/** The time of a kernel call while profiling. */
export interface OpProfile {
  /** Name in the kernel table, such as `NN`. */
  readonly kernel: string;
  readonly microseconds: number;
  /** Multiplications and additions of a product; 0 for other ops. */
  readonly operations: number;
}

/** A step that was run call by call. */
export interface StepProfile {
  /** One per kernel call, in order. */
  readonly ops: readonly OpProfile[];
  /** As `run` returns them. */
  readonly outputs: Readonly<Record<string, RuntimeArray>>;
}

/** A runtime that also lists and times the kernels of its steps. */
export interface WasmRuntime extends GroupingRuntime {
  /** Kernel calls of one step, in order. */
  kernels(program: string): readonly string[];
  /** Names of the programs of the engine itself, which nobody need run. */
  readonly ownPrograms: readonly string[];
  /** The same calls with the memory that each may access, for checks of kernels. */
  callMemory(program: string): readonly CallMemory[];
  /** Runs one step call by call and times each. The step takes effect like any other. */
  profile(program: string, inputs: Readonly<Record<string, InputValue>>): StepProfile;
  /** Bytes of the engine's memory. */
  readonly memoryBytes: number;
}
