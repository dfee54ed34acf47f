// Small steps in a page, or in a worker that this script starts.
import { createWasmEngine, openWasmEngine, type WasmEngineOptions } from '../../src/index.ts';
import { loadSmallStep, smallLosses } from '../small-step.ts';

/** The result of twenty steps, or the error. */
export interface SmallSteps {
  readonly threads?: number;
  readonly losses?: readonly number[];
  readonly error?: string;
}

async function smallSteps(options: WasmEngineOptions): Promise<SmallSteps> {
  try {
    const engine = await openWasmEngine(options);
    const losses = smallLosses(loadSmallStep(engine), 20);
    // Opened before, so that nothing must be waited for.
    createWasmEngine(options);
    return { threads: engine.threads, losses };
  } catch (error) {
    return { error: String(error) };
  }
}

function inWorker(options: WasmEngineOptions): Promise<SmallSteps> {
  const worker = new Worker(import.meta.url, { type: 'module' });
  return new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => resolve({ error: message });
    worker.postMessage(options);
  });
}

function synchronously(): string {
  try {
    return createWasmEngine().name;
  } catch (error) {
    return String(error);
  }
}

if ('document' in globalThis) Object.assign(globalThis, { smallSteps, inWorker, synchronously });
else addEventListener('message', async ({ data }) => postMessage(await smallSteps(data)));
