import { parentPort, workerData } from 'node:worker_threads';
import { ItemIdTable } from '@gru4rec/item-ids';
import { Gru4Rec, type LiveRecommender } from '@gru4rec/model';
import type { Engine } from '@gru4rec/program';
import { loadRecommender } from '@gru4rec/recommender';
import { BatchAnswerer } from './inference/answer-batch.ts';
import type {
  ClicksSince,
  FromThread,
  Query,
  ThreadData,
  ThreadReady,
  ToThread,
} from './inference/messages.ts';
import { encodeQueries } from './inference/query-codec.ts';
import { openShared, type SharedModel } from './learning/shared-model.ts';
import { describeCauses } from './problem.ts';

/**
 * The work of a thread of the server: loads the model that the server named, warms it up, and answers batches until the server
 * closes it; or learns from clicks (`ServerOptions.learn`). To be called once in a file that `startThread` of the server starts.
 *
 * @param createEngine - makes the engine, with one thread if several models or servers share the processor.
 */
export async function serveInference(createEngine: () => Engine | Promise<Engine>): Promise<void> {
  const port = parentPort;
  if (!port) throw new RangeError('serveInference: expected a worker thread, got the main thread');
  const { directory, maxBatch, model, learn } = workerData as ThreadData;
  if (learn) {
    const { serveLearner } = await import('./learning/learner-thread.ts');
    return serveLearner(port, { ...learn, directory, engine: await createEngine() });
  }
  const send = (message: FromThread, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
  let loaded: Loaded | undefined;
  const use = (next: Loaded) => {
    loaded = next;
    send(next.ready);
  };
  try {
    const engine = await createEngine();
    port.on('message', (message: ToThread) => {
      if (message.kind === 'close') port.close();
      else if (message.kind === 'model') {
        loaded?.dispose();
        loaded = undefined;
        if (message.model) attempt(() => use(fromMemory(message.model as SharedModel, { engine, maxBatch })));
      } else if (!loaded) return;
      else if (message.kind === 'catalogue') loaded.answerer.catalogue = message.catalogue;
      else if (message.kind === 'clicks') loaded.follow(message);
      else {
        const answers = loaded.answerer.answer(message);
        const { counts, items, scores } = answers;
        send(answers, [counts, items, scores].map(({ buffer }) => buffer) as ArrayBuffer[]);
      }
    });
    use(model ? fromMemory(model, { engine, maxBatch }) : await fromFolder(directory, { engine, maxBatch }));
  } catch (error) {
    fail(error);
  }

  function attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      fail(error);
    }
  }

  function fail(error: unknown): void {
    send({ kind: 'failed', message: describeCauses(error) });
  }
}

/** A version that answers. */
interface Loaded {
  readonly answerer: BatchAnswerer;
  readonly ready: ThreadReady;
  readonly follow: (clicks: ClicksSince) => void;
  readonly dispose: () => void;
}

interface LoadOptions {
  readonly engine: Engine;
  readonly maxBatch: number;
}

async function fromFolder(directory: string, { engine, maxBatch }: LoadOptions): Promise<Loaded> {
  const recommender = await loadRecommender(directory, { engine });
  const { checksum = '' } = recommender;
  const dispose = recommender instanceof Gru4Rec ? () => recommender.dispose() : () => undefined;
  return warm(recommender, maxBatch, {
    ...{ ids: ItemIdTable.of(recommender.itemIds).share(), checksum, lineage: checksum, dispose },
  });
}

function fromMemory(model: SharedModel, { engine, maxBatch }: LoadOptions): Loaded {
  const { ids, version, lineage } = model;
  const recommender = openShared(model, engine);
  const dispose = () => recommender.dispose();
  return warm(recommender, maxBatch, { ids, checksum: version, lineage, dispose });
}

function warm(
  recommender: LiveRecommender,
  maxBatch: number,
  { dispose, ...about }: Omit<ThreadReady, 'kind' | 'isFresh'> & Pick<Loaded, 'dispose'>,
): Loaded {
  const { live, itemIds, recentClicks } = recommender;
  const fresh = recommender instanceof Gru4Rec && recommender.isFresh ? recommender : undefined;
  // Clicks up to here were counted in training.
  const sinceMs = fresh?.lastClickMs ?? 0;
  const itemCount = itemIds.length;
  const popularity = recentClicks ?? new Float32Array(itemCount);
  const answerer = new BatchAnswerer({ live, itemCount, popularity, maxBatch });
  warmUp(answerer, maxBatch);
  const follow = ({ items, timesMs, nowMs }: ClicksSince) => {
    for (const [at, item] of items.entries()) {
      const timeMs = timesMs[at] ?? nowMs;
      if (timeMs > sinceMs) fresh?.observe(item, timeMs);
    }
    fresh?.renew(nowMs);
  };
  return { answerer, ready: { kind: 'ready', isFresh: fresh !== undefined, ...about }, follow, dispose };
}

/** Answers batches of several sizes, so that the first requests find compiled code. */
function warmUp(answerer: BatchAnswerer, maxBatch: number): void {
  const rules = {
    ...{ excluded: new Set<number>(), allowed: undefined, maxPerGroup: 0, groups: undefined, pins: [] },
    ...{ itemBoosts: new Map(), groupBoosts: new Map() },
  };
  for (let size = 1; ; size = Math.min(2 * size, maxBatch)) {
    const queries = Array.from({ length: size }, (_, slot): Query => {
      return { slot, reset: true, steps: [0], n: 20, fallback: false, rules };
    });
    answerer.answer(encodeQueries(queries));
    if (size === maxBatch) return;
  }
}
