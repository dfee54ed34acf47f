// The goldens in a page or, as the script of a worker, there.
import { openWasmEngine, type WasmEngineOptions } from '@gru4rec/engine-wasm';
import { parseEvents, parseGolden } from '@gru4rec/test-support/in-page';
import { type GoldenResult, runGolden } from '../../src/golden/run-golden.ts';

/** Names of the files to run, and the engine. */
export interface GoldenRun {
  readonly names: readonly string[];
  readonly options: WasmEngineOptions;
}

/** The result of each file. */
export interface GoldenRuns {
  readonly threads: number;
  readonly results: readonly (GoldenResult & { readonly name: string })[];
}

const read = async (file: string): Promise<string> => (await fetch(file)).text();

async function runGoldens({ names, options }: GoldenRun): Promise<GoldenRuns> {
  const engine = await openWasmEngine(options);
  const train = parseEvents(await read('events.tsv'));
  const test = parseEvents(await read('test-events.tsv'), { itemIds: train.itemIds });
  const goldens = await Promise.all(names.map(async (name) => parseGolden(await read(`${name}.json`))));
  const results = goldens.map((golden) => ({ name: golden.name, ...runGolden(golden, train, test, engine) }));
  return { threads: engine.threads, results };
}

if ('document' in globalThis) Object.assign(globalThis, { runGoldens });
else addEventListener('message', async ({ data }) => postMessage(await runGoldens(data)));
