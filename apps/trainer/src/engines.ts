import { createReferenceEngine } from '@gru4rec/engine-reference';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import type { Engine } from '@gru4rec/program';

/** An engine that a command line can name. */
export type EngineName = 'wasm' | 'reference';

const engines: Readonly<Record<EngineName, () => Engine>> = {
  wasm: createWasmEngine,
  reference: createReferenceEngine,
};

/** Names of all engines, the default first. */
export const engineNames: readonly EngineName[] = ['wasm', 'reference'];

/** @throws EngineUnavailableError if the engine cannot run here. */
export function createEngine(name: EngineName): Engine {
  return engines[name]();
}
