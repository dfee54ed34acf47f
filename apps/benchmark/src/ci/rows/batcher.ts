import { SessionParallelBatcher } from '@gru4rec/batcher';
import { makeEventLog, toTable } from '../../event-log.ts';
import { repeating, type Work } from '../../measure.ts';

/** Batching of whole epochs. */
export function prepareBatcher(): Work {
  const table = toTable(makeEventLog({ items: 3_000, events: 50_000, heldOut: 100 }).train);
  const batcher = new SessionParallelBatcher({ ...table, batchSize: 32, order: 'stored' });
  return repeating(() => {
    batcher.startEpoch(0);
    while (batcher.next());
  });
}
