import { createWasmEngine, type WasmEngine, type WasmEngineOptions } from '@gru4rec/engine-wasm';

/** Which engine is measured; what is absent is left to the engine. */
export interface EngineChoice {
  readonly threads?: number;
  /** Kernels with or without relaxed SIMD. */
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

/** As it stands in a row: "2 threads, relaxed SIMD". */
export function describeChoice({ threads, relaxed }: EngineChoice): string {
  const parts = [
    threads === undefined ? 'threads by default' : `${threads} thread${threads === 1 ? '' : 's'}`,
  ];
  if (relaxed !== undefined) parts.push(relaxed ? 'relaxed SIMD' : 'SIMD');
  return parts.join(', ');
}
