import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeArrowFile } from './arrow-file.ts';
import { itemBatches, sessionBatches } from './batches.ts';
import { combinedChecksum, manifestChecksum } from './checksum.ts';
import {
  DATASET_FORMAT,
  DATASET_VERSION,
  type DatasetManifest,
  type FileRecord,
  MANIFEST_FILE,
  type SplitName,
  splitNames,
} from './manifest.ts';
import { replaceDataset } from './replace-dataset.ts';
import { itemSchema, sessionSchema } from './schema.ts';
import type { ItemChunk, SessionChunk } from './table.ts';

/** What a dataset is written from. Everything may come in pieces; a `SessionTable` is a piece by itself. */
export interface DatasetSource {
  readonly items: AsyncIterable<ItemChunk> | Iterable<ItemChunk>;
  readonly splits: { readonly train: SessionSource } & Partial<Record<SplitName, SessionSource>>;
  /** JSON to be remembered in the manifest: options, funnel. */
  readonly preparation?: unknown;
}

export type SessionSource = AsyncIterable<SessionChunk> | Iterable<SessionChunk>;

/**
 * Writes a session dataset: under a temporary name first, flushed to disk, then renamed, so that it is there whole or not at all.
 *
 * @throws DataError if `directory` is there and is not a dataset, or is one and `overwrite` is not set.
 */
export async function writeDataset(
  directory: string,
  source: DatasetSource,
  options: { readonly overwrite?: boolean } = {},
): Promise<DatasetManifest> {
  return replaceDataset(directory, options, (folder) => writeDatasetFiles(folder, source));
}

/** Writes the files of a dataset into an empty folder; the manifest comes last. For use with `replaceDataset`. */
export async function writeDatasetFiles(folder: string, source: DatasetSource): Promise<DatasetManifest> {
  const files: Record<string, FileRecord> = {};
  const splits: Partial<Record<SplitName, { sessions: number; events: number }>> = {};
  const items = counted(itemBatches(source.items));
  files['items.arrow'] = await writeArrowFile(join(folder, 'items.arrow'), itemSchema, items.batches);
  for (const name of splitNames) {
    const sessions = source.splits[name];
    if (sessions === undefined) continue;
    const split = counted(sessionBatches(sessions));
    files[`${name}.arrow`] = await writeArrowFile(
      join(folder, `${name}.arrow`),
      sessionSchema,
      split.batches,
    );
    splits[name] = split.count();
  }
  const described: DatasetManifest = {
    format: DATASET_FORMAT,
    formatVersion: DATASET_VERSION,
    checksum: combinedChecksum(files),
    counts: { items: items.count(), splits },
    files,
    preparation: source.preparation ?? null,
  };
  // Through JSON, so that the checksum is that of what a reader sees.
  const text = JSON.stringify(described);
  const manifest: DatasetManifest = { ...described, manifestChecksum: manifestChecksum(JSON.parse(text)) };
  await writeFile(join(folder, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`, {
    flag: 'wx',
    flush: true,
  });
  return manifest;
}

/** Keeps the count that a generator of batches returns at its end. */
function counted<Batch, Count>(
  generator: AsyncGenerator<Batch, Count>,
): { batches: AsyncGenerator<Batch>; count: () => Count } {
  let result: { count: Count } | undefined;
  async function* batches(): AsyncGenerator<Batch> {
    result = { count: yield* generator };
  }
  return {
    batches: batches(),
    count: () => {
      if (result === undefined) throw new Error('writeDatasetFiles: counted before the last batch.');
      return result.count;
    },
  };
}
