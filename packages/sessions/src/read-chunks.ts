import { checkedBatches, openSplitFile, sessionsOf } from './check-sessions.ts';
import type { DatasetManifest, SplitName } from './manifest.ts';
import { idsOf, packedItems, pushIds } from './read-dataset.ts';
import type { ItemChunk, SessionChunk } from './table.ts';

/**
 * Reads the item table of a dataset in chunks, in order of item index.
 *
 * @throws DataError naming the file that is missing, cut short, changed or foreign.
 */
export async function* readItemChunks(
  directory: string,
  manifest: DatasetManifest,
): AsyncGenerator<ItemChunk> {
  for await (const { ids, support } of packedItems(directory, manifest)) {
    const itemIds: string[] = [];
    pushIds(ids, itemIds);
    yield { itemIds, support };
  }
}

/**
 * Reads the sessions of a split in chunks, in order. Each chunk is checked when it is read.
 *
 * @throws DataError naming the file that is missing, cut short, changed or foreign.
 */
export async function* readSessionChunks(
  directory: string,
  manifest: DatasetManifest,
  name: SplitName,
): AsyncGenerator<SessionChunk> {
  const split = await openSplitFile(directory, manifest, name);
  try {
    for await (const { batch, block: _, ...sessions } of checkedBatches(split)) {
      const sessionIds: string[] = [];
      pushIds(idsOf(split.path, batch), sessionIds);
      yield { sessionIds, ...sessions };
    }
  } finally {
    await split.file.handle.close();
  }
}

/**
 * Start of the last session of a split whose sessions are in order of their first events, as `prepare` writes them.
 *
 * @returns milliseconds since 1970 UTC; −Infinity without sessions.
 * @throws DataError naming the file that is missing, cut short, changed or foreign.
 */
export async function lastSessionStart(
  directory: string,
  manifest: DatasetManifest,
  name: SplitName,
): Promise<number> {
  const { path, arrow, file, contextColumns } = await openSplitFile(directory, manifest, name);
  try {
    const last = await arrow.read(arrow.batches - 1);
    const { sessionOffsets, times } = sessionsOf(path, last, contextColumns);
    return Number(times[sessionOffsets.at(-2) ?? 0] ?? Number.NEGATIVE_INFINITY);
  } finally {
    await file.handle.close();
  }
}
