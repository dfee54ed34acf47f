import { createReferenceEngine } from '@gru4rec/engine-reference';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import type { Engine } from '@gru4rec/program';
import { UsageError } from './usage-error.ts';

/** An engine that a command line can name. */
export type EngineName = 'wasm' | 'reference';

/** What a command line may say about an engine. */
export interface EngineOptions {
  readonly threads?: number | undefined;
}

const engines: Readonly<Record<EngineName, (options: EngineOptions) => Engine>> = {
  wasm: ({ threads }) => createWasmEngine(threads === undefined ? {} : { threads }),
  reference({ threads = 1 }) {
    if (threads > 1) throw new UsageError('--threads expected 1 with engine reference, which has no threads');
    return createReferenceEngine();
  },
};

/** Names of all engines, the default first. */
export const engineNames: readonly EngineName[] = ['wasm', 'reference'];

/**
 * @throws EngineUnavailableError if the engine cannot run here.
 * @throws UsageError if it cannot do what `options` ask for.
 */
export function createEngine(name: EngineName, options: EngineOptions = {}): Engine {
  return engines[name](options);
}
