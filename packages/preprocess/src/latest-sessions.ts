import {
  readItemChunks,
  readManifest,
  readSessionChunks,
  type SessionChunk,
  type SplitName,
} from '@gru4rec/dataset';
import { ItemIdTable } from '@gru4rec/dataset/ids';
import { usersOf } from './forget.ts';

/** The latest session of a visitor. */
export interface LatestSession {
  /** The user of a dataset that was made with `userColumn`, else the id of the session. */
  readonly id: string;
  /** Ids of the last items, 200 at most, in order. */
  readonly items: readonly string[];
}

/** As many clicks as a server keeps. */
const MOST_CLICKS = 200;

/**
 * Finds the latest session of each visitor, of all splits. Holds an id and a time per visitor.
 * @param sinceMs - the longest time between the end of a session and the last click of the dataset; any, if not given.
 * @returns the number of visitors, and their sessions in the order of the dataset, to be read once.
 * @throws DataError as `readDataset`.
 */
export async function latestSessions(
  directory: string,
  sinceMs: number = Number.POSITIVE_INFINITY,
): Promise<{ readonly visitors: number; readonly sessions: AsyncIterable<LatestSession> }> {
  const manifest = await readManifest(directory);
  const userOf = usersOf(manifest);
  const itemIds = new ItemIdTable();
  for await (const chunk of readItemChunks(directory, manifest))
    for (const id of chunk.itemIds) itemIds.add(id);
  async function* chunks() {
    const splits = Object.keys(manifest.counts.splits) as SplitName[];
    for (const split of splits) yield* readSessionChunks(directory, manifest, split);
  }
  const endOf = ({ times, sessionOffsets }: SessionChunk, at: number) =>
    Number(times[(sessionOffsets[at + 1] ?? 0) - 1]);
  const visitors = new ItemIdTable();
  const ends: number[] = [];
  let lastMs = Number.NEGATIVE_INFINITY;
  for await (const chunk of chunks()) {
    for (const [at, id] of chunk.sessionIds.entries()) {
      const [visitor, endMs] = [visitors.add(userOf(id)), endOf(chunk, at)];
      ends[visitor] = Math.max(endMs, ends[visitor] ?? endMs);
      lastMs = Math.max(lastMs, endMs);
    }
  }
  async function* read() {
    for await (const chunk of chunks()) {
      for (const [at, id] of chunk.sessionIds.entries()) {
        const visitor = visitors.indexOf(userOf(id));
        const endMs = endOf(chunk, at);
        if (ends[visitor] !== endMs || endMs < lastMs - sinceMs) continue;
        // Of sessions that end at the same time, the first.
        ends[visitor] = Number.NaN;
        const [start = 0, end = 0] = chunk.sessionOffsets.subarray(at, at + 2);
        const last = chunk.items.subarray(Math.max(start, end - MOST_CLICKS), end);
        yield { id: userOf(id), items: Array.from(last, (item) => itemIds.at(item) ?? '') };
      }
    }
  }
  return { visitors: ends.filter((endMs) => endMs >= lastMs - sinceMs).length, sessions: read() };
}
