import { type Remote, wrap } from 'comlink';
import type { ItemRows } from '../explain/nearest-items.ts';
import type { PlaygroundWorker } from './worker.ts';

/** The page's side of its two workers. */
export interface Workers {
  /** Models, baselines and training. */
  readonly main: Promise<Remote<PlaygroundWorker>>;
  /** Projects the map. */
  readonly map: Remote<{ projectItems(table: ItemRows): Float32Array }>;
}

export function openWorkers(): Workers {
  const main = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const map = new Worker(new URL('../map/map-worker.ts', import.meta.url), { type: 'module' });
  const Main = wrap<typeof PlaygroundWorker>(main);
  const opened = Promise.race([new Main(new URL('.', location.href).href), failureOf(main)]);
  // The worker may fail before a component waits for it. Whoever waits reports the error.
  opened.catch(() => undefined);
  return { main: opened, map: wrap(map) };
}

/** Rejects if the script of a worker cannot run, of which its proxies would never hear. */
function failureOf(worker: Worker): Promise<never> {
  return new Promise((_, reject) => {
    worker.addEventListener('error', ({ message }) => {
      const why = message || 'the server does not send it, or without the headers that the page has';
      reject(new Error(`The script of the page’s worker cannot run: ${why}.`));
    });
  });
}
