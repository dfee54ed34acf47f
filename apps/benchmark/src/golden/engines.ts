import { createWasmEngine } from '@gru4rec/engine-wasm';
import type { Engine } from '@gru4rec/program';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { createMeasuredEngine, type EngineChoice } from '../engine-choice.ts';
import type { GoldenTolerance } from './run-golden.ts';

const float64: GoldenTolerance = { loss: 1e-9, parameters: 1e-8, evaluation: 1e-12 };
/** The tolerance of an engine that computes in float32. */
export const float32Tolerance: GoldenTolerance = { loss: 2e-5, parameters: 2e-4, evaluation: 1e-12 };

export interface GoldenEngine {
  /** @throws EngineUnavailableError if it cannot run here. */
  readonly create: () => Engine;
  readonly tolerance: GoldenTolerance;
  readonly optional?: boolean;
}

function optional(choice: EngineChoice): GoldenEngine {
  return { create: () => createMeasuredEngine(choice), tolerance: float32Tolerance, optional: true };
}

export const goldenEngines: Readonly<Record<string, GoldenEngine>> = {
  wasm: { create: () => createWasmEngine(), tolerance: float32Tolerance },
  'wasm-composed': { create: () => createWasmEngine({ fuse: false }), tolerance: float32Tolerance },
  'wasm-avx512': optional({ kernels: 'avx512' }),
  'wasm-avx2': optional({ kernels: 'avx2' }),
  'wasm-neon': optional({ kernels: 'neon' }),
  reference: { create: createReferenceEngine, tolerance: float64 },
  tensorflow: optional({ name: 'tensorflow' }),
  cuda: optional({ name: 'cuda' }),
};
