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
  return { main: new Main(new URL('.', location.href).href), map: wrap(map) };
}
