import { createTensorFlowEngine } from '@gru4rec/engine-tensorflow';
import { createWasmEngine, type WasmEngine, type WasmEngineOptions } from '@gru4rec/engine-wasm';
import type { Engine } from '@gru4rec/program';
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
}

/** @throws EngineUnavailableError if the kernels are missing or cannot be compiled. */
export function createChosenEngine(choice: EngineChoice, options: WasmEngineOptions = {}): WasmEngine {
  const { threads, relaxed } = choice;
  const chosen: WasmEngineOptions & EngineChoice = {
    ...options,
    ...(threads === undefined ? {} : { threads }),
    ...(relaxed === undefined ? {} : { relaxed }),
  };
  return createWasmEngine(chosen);
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
export function describeChoice({ name, threads, relaxed }: EngineChoice): string {
  if (name === 'tensorflow') return 'TensorFlow on the CPU';
  if (name === 'cuda') return 'TensorFlow on the GPU';
  const parts = [
    threads === undefined ? 'threads by default' : `${threads} thread${threads === 1 ? '' : 's'}`,
  ];
  if (relaxed !== undefined) parts.push(relaxed ? 'relaxed SIMD' : 'SIMD');
  return parts.join(', ');
}
