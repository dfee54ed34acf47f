import { createTensorFlowEngine } from '@gru4rec/engine-tensorflow';
import {
  createWasmEngine,
  type NativeKernels,
  type WasmEngine,
  type WasmEngineOptions,
} from '@gru4rec/engine-wasm';
import { findNativeKernels } from '@gru4rec/kernels-native';
import { type Engine, EngineUnavailableError } from '@gru4rec/program';
import { loadForDevice } from './tensorflow.ts';

/** Engines that can be measured. */
export const measuredEngines = ['wasm', 'tensorflow', 'cuda'] as const;

/** The engine to measure. Absent options take the engine's defaults. */
export interface EngineChoice {
  /** Default: `wasm`. Threads and SIMD apply only to wasm. */
  readonly name?: (typeof measuredEngines)[number];
  readonly threads?: number;
  /** Whether kernels use relaxed SIMD. */
  readonly relaxed?: boolean;
  /** `native` or one instruction set for native kernels. Default: WebAssembly. */
  readonly kernels?: NativeChoice;
}

/** Native kernels that can be measured: of the best instruction set, or of one. */
export const nativeChoices = ['native', 'avx512', 'avx2', 'neon'] as const;

/** A name in {@link nativeChoices}. */
type NativeChoice = (typeof nativeChoices)[number];

/**
 * The native kernels of a choice.
 * @throws EngineUnavailableError if they cannot run here.
 */
function requireNativeKernels(choice: NativeChoice): NativeKernels {
  const state = findNativeKernels(choice === 'native' ? undefined : choice);
  if (state.kernels) return state.kernels;
  throw new EngineUnavailableError(`no native kernels: ${state.reason}`);
}

/**
 * The instruction set of native kernels.
 * @throws EngineUnavailableError if they cannot run here.
 */
export function instructionSetOf(choice: NativeChoice): string {
  return requireNativeKernels(choice).instructionSet;
}

/** @throws EngineUnavailableError if the kernels are missing or cannot be compiled. */
export function createChosenEngine(choice: EngineChoice, options: WasmEngineOptions = {}): WasmEngine {
  const { name: _, kernels, ...chosen } = choice;
  const native = kernels && requireNativeKernels(kernels);
  return createWasmEngine({ ...options, ...chosen, ...(native && { native }) });
}

/**
 * Creates the chosen engine.
 * @throws EngineUnavailableError if it cannot run here.
 */
export function createMeasuredEngine(choice: EngineChoice): Engine {
  if (choice.name === 'tensorflow' || choice.name === 'cuda') {
    const device = choice.name === 'cuda' ? 'gpu' : 'cpu';
    return createTensorFlowEngine({ tensorflow: loadForDevice(device).tensorflow, device });
  }
  return createChosenEngine(choice);
}

/** The text for a row: "2 threads, relaxed SIMD", or "TensorFlow on the CPU". */
export function describeChoice({ name, threads, relaxed, kernels }: EngineChoice): string {
  if (name === 'tensorflow') return 'TensorFlow on the CPU';
  if (name === 'cuda') return 'TensorFlow on the GPU';
  const parts = [
    threads === undefined ? 'threads by default' : `${threads} thread${threads === 1 ? '' : 's'}`,
  ];
  if (relaxed !== undefined) parts.push(relaxed ? 'relaxed SIMD' : 'SIMD');
  if (kernels !== undefined) parts.push(`${instructionSetOf(kernels)} kernels`);
  return parts.join(', ');
}
