import { SessionParallelBatcher } from '@gru4rec/batcher';
import { RandomStream } from '@gru4rec/random';
import { PopularitySampler } from '@gru4rec/sampler';
import { type ComparisonRow, timed } from '../comparison.ts';
import { repeating } from '../measure.ts';
import { itemSupport } from '../workload.ts';
import { measureContest, measureEach, type PartOptions } from './contest.ts';

const SESSIONS = 20_000;
const LONGEST = 12;
const BATCH_SIZES = [32, 80];

/** Measures whole epochs of mini-batches. */
export function measureBatcher(options: PartOptions): Promise<ComparisonRow[]> {
  const rows = BATCH_SIZES.map((size) => ({ name: `${SESSIONS} sessions, batch ${size}`, size }));
  const sessions = drawSessions();
  const expected = sessions.items.length - SESSIONS;
  return measureEach(rows, options.only, ({ name, size }) => {
    const batcher = new SessionParallelBatcher({ ...sessions, batchSize: size, order: 'stored' });
    const fed = runEpoch(batcher);
    const work = repeating(() => runEpoch(batcher));
    const of = (epochs: number) => fed * epochs;
    const correctness = { fed, expected };
    const ours = timed('ours', work, { perWindow: 1, seconds: options.seconds, correctness, of });
    const row = { suite: 'batcher', name, unit: 'events/s', better: 'more', engine: 'one thread' } as const;
    return measureContest(row, [ours], options);
  });
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
