import { SessionParallelBatcher } from '@gru4rec/batcher';
import { RandomStream } from '@gru4rec/random';
import { PopularitySampler } from '@gru4rec/sampler';
import { peakMiB } from '../environment.ts';
import type { Summary } from '../measure.ts';
import { itemSupport } from '../workload.ts';
import { benchRates } from './bench-rates.ts';

const SESSIONS = 20_000;
const LONGEST = 12;
const BATCH_SIZES = [32, 80];

export interface BatcherResult {
  readonly name: string;
  readonly eventsPerSecond: Summary;
  /** Pairs of one epoch: fed and expected. */
  readonly correctness: { readonly fed: number; readonly expected: number };
  readonly peakMiB: number;
}

/** Measures whole epochs of mini-batches. */
export async function measureBatcher(options: { readonly seconds: number }): Promise<BatcherResult[]> {
  const sessions = drawSessions();
  const results: BatcherResult[] = [];
  for (const batchSize of BATCH_SIZES) {
    const batcher = new SessionParallelBatcher({ ...sessions, batchSize, order: 'stored' });
    const expected = sessions.items.length - SESSIONS;
    const fed = runEpoch(batcher);
    const rates = await benchRates(() => void runEpoch(batcher), fed, options.seconds);
    results.push({
      name: `${SESSIONS} sessions, batch ${batchSize}`,
      eventsPerSecond: rates,
      correctness: { fed, expected },
      peakMiB: peakMiB(),
    });
  }
  return results;
}

function runEpoch(batcher: SessionParallelBatcher): number {
  batcher.startEpoch(0);
  let events = 0;
  for (let batch = batcher.next(); batch; batch = batcher.next()) events += batch.liveSlots;
  return events;
}

/** Sessions of 2 to LONGEST events. */
function drawSessions(): { sessionOffsets: Int32Array; items: Int32Array } {
  const random = new RandomStream(1, 'benchmark.sessions');
  const sessionOffsets = new Int32Array(SESSIONS + 1);
  for (let s = 0; s < SESSIONS; s++) {
    sessionOffsets[s + 1] = (sessionOffsets[s] ?? 0) + 2 + random.nextBelow(LONGEST - 1);
  }
  const items = new Int32Array(sessionOffsets[SESSIONS] ?? 0);
  new PopularitySampler({ support: itemSupport(), alpha: 1, seed: 1 }).sample(0, items);
  return { sessionOffsets, items };
}
