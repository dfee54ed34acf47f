// The conformance suite, in a page or, as the script of a worker, there.
import { engineConformance, float32Tolerance, type Outcome, runSuite } from '@gru4rec/test-support/in-page';
import { openWasmEngine, type WasmEngineOptions } from '../../src/index.ts';

/** How the suite ran. */
export interface Conformance {
  readonly threads: number;
  readonly relaxed: boolean;
  readonly outcomes: readonly Outcome[];
}

async function conformance(options: WasmEngineOptions): Promise<Conformance> {
  const engine = await openWasmEngine(options);
  const suite = { name: 'wasm', createEngine: () => engine, tolerance: float32Tolerance };
  const outcomes = await runSuite(() => engineConformance(suite));
  return { threads: engine.threads, relaxed: engine.relaxed, outcomes };
}

if ('document' in globalThis) Object.assign(globalThis, { conformance });
else addEventListener('message', async ({ data }) => postMessage(await conformance(data)));
