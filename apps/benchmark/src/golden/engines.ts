import { createReferenceEngine } from '@gru4rec/engine-reference';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import type { Engine } from '@gru4rec/program';

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
const float32: GoldenTolerance = { loss: 2e-5, parameters: 2e-4, evaluation: 1e-12 };

/** Engines that goldens run on, by name. */
export const goldenEngines: Readonly<
  Record<string, { readonly create: () => Engine; readonly tolerance: GoldenTolerance }>
> = {
  wasm: { create: () => createWasmEngine(), tolerance: float32 },
  'wasm-composed': { create: () => createWasmEngine({ fuse: false }), tolerance: float32 },
  reference: { create: createReferenceEngine, tolerance: float64 },
};
