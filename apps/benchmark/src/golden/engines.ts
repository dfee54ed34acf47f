import { createReferenceEngine } from '@gru4rec/engine-reference';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import type { Engine } from '@gru4rec/program';
import { createMeasuredEngine } from '../engine-choice.ts';

/** How far a run may be from the recorded one. */
export interface GoldenTolerance {
  /** Relative, of each step's loss. */
  readonly loss: number;
  /** max|Δ| / max|final| of each parameter. */
  readonly parameters: number;
  /** Absolute, of recall and MRR. */
  readonly evaluation: number;
}

const float64: GoldenTolerance = { loss: 1e-9, parameters: 1e-8, evaluation: 1e-12 };
/** Of an engine that computes in float32. */
export const float32Tolerance: GoldenTolerance = { loss: 2e-5, parameters: 2e-4, evaluation: 1e-12 };

/** An engine that goldens run on. */
export interface GoldenEngine {
  /** @throws EngineUnavailableError if it cannot run here. */
  readonly create: () => Engine;
  readonly tolerance: GoldenTolerance;
  /** Runs only where it is asked for, as not every machine has it. */
  readonly optional?: boolean;
}

/** Engines by name. */
export const goldenEngines: Readonly<Record<string, GoldenEngine>> = {
  wasm: { create: () => createWasmEngine(), tolerance: float32Tolerance },
  'wasm-composed': { create: () => createWasmEngine({ fuse: false }), tolerance: float32Tolerance },
  reference: { create: createReferenceEngine, tolerance: float64 },
  tensorflow: {
    create: () => createMeasuredEngine({ name: 'tensorflow' }),
    tolerance: float32Tolerance,
    optional: true,
  },
  cuda: { create: () => createMeasuredEngine({ name: 'cuda' }), tolerance: float32Tolerance, optional: true },
};
