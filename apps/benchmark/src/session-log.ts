import { RandomStream } from '@gru4rec/random';
import { PopularitySampler } from '@gru4rec/sampler';
import { type SessionChunk, writeDataset } from '@gru4rec/sessions';
import { ITEMS, itemSupport } from './workload.ts';

const SESSIONS_AT_ONCE = 10_000;
/** Sessions have 2 to LONGEST events, 7 on average. */
const LONGEST = 12;
const MEAN = 7;

/**
 * Writes a dataset of seeded sessions over 27,000 long-tailed items, in order of time, of any size, chunk by chunk.
 *
 * @param events - the least number of events. The last chunk is completed.
 */
export async function writeSessionLog(directory: string, events: number): Promise<void> {
  const sessions = Math.ceil(events / MEAN);
  const support = new Int32Array(ITEMS);
  for (const { items } of sessionChunks(sessions))
    for (const item of items) support[item] = (support[item] ?? 0) + 1;
  const itemIds = Array.from(support, (_, item) => String(item));
  await writeDataset(directory, {
    items: [{ itemIds, support }],
    splits: { train: sessionChunks(sessions) },
  });
}

/** Yields the same sessions at every call. */
function* sessionChunks(sessions: number): Generator<SessionChunk> {
  const random = new RandomStream(1, 'benchmark.session-log');
  const popularity = new PopularitySampler({ support: itemSupport(), alpha: 1, seed: 1 });
  for (let first = 0; first < sessions; first += SESSIONS_AT_ONCE) {
    const count = Math.min(SESSIONS_AT_ONCE, sessions - first);
    const sessionOffsets = new Int32Array(count + 1);
    for (let s = 0; s < count; s++) {
      sessionOffsets[s + 1] = (sessionOffsets[s] ?? 0) + 2 + random.nextBelow(LONGEST - 1);
    }
    const items = new Int32Array(sessionOffsets[count] ?? 0);
    popularity.sample(first / SESSIONS_AT_ONCE, items);
    const times = new BigInt64Array(items.length);
    for (let s = 0; s < count; s++) times.fill(BigInt(first + s), sessionOffsets[s], sessionOffsets[s + 1]);
    const sessionIds = Array.from({ length: count }, (_, s) => String(first + s));
    yield { sessionIds, sessionOffsets, items, times };
  }
}
