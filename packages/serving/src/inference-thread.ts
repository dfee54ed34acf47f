import { parentPort, workerData } from 'node:worker_threads';
import { ItemIdTable } from '@gru4rec/item-ids';
import type { Engine } from '@gru4rec/program';
import { loadRecommender } from '@gru4rec/recommender';
import { BatchAnswerer } from './inference/answer-batch.ts';
import type { FromThread, Query, ThreadData, ToThread } from './inference/messages.ts';
import { encodeQueries } from './inference/query-codec.ts';
import { describeCauses } from './problem.ts';

/**
 * The work of an inference thread: loads the model that the server named, warms it up, and answers batches until the server
 * closes it. To be called once in a file that `startThread` of the server starts.
 *
 * @param createEngine - makes the engine, with one thread if several models or servers share the processor.
 */
export async function serveInference(createEngine: () => Engine | Promise<Engine>): Promise<void> {
  const port = parentPort;
  if (!port) throw new RangeError('serveInference: expected a worker thread, got the main thread');
  const send = (message: FromThread, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
  const { directory, maxBatch } = workerData as ThreadData;
  try {
    const recommender = await loadRecommender(directory, { engine: await createEngine() });
    const { live, itemIds, checksum = '' } = recommender;
    const itemCount = itemIds.length;
    const popularity = recommender.recentClicks ?? new Float32Array(itemCount);
    const answerer = new BatchAnswerer({ live, itemCount, popularity, maxBatch });
    warmUp(answerer, maxBatch);
    port.on('message', (message: ToThread) => {
      if (message.kind === 'close') port.close();
      else if (message.kind === 'catalogue') answerer.catalogue = message.catalogue;
      else {
        const answers = answerer.answer(message);
        const { counts, items, scores } = answers;
        send(answers, [counts, items, scores].map(({ buffer }) => buffer) as ArrayBuffer[]);
      }
    });
    send({ kind: 'ready', ids: ItemIdTable.of(itemIds).share(), checksum });
  } catch (error) {
    send({ kind: 'failed', message: describeCauses(error) });
  }
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
