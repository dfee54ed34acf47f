import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Compression } from '@gru4rec/arrow-ipc';
import { writeArrowFile } from './arrow-file.ts';
import { itemBatches, sessionBatches } from './batches.ts';
import { combinedChecksum, manifestChecksum } from './checksum.ts';
import { DataError } from './data-error.ts';
import {
  DATASET_FORMAT,
  DATASET_VERSION,
  type DatasetManifest,
  type FileRecord,
  MANIFEST_FILE,
  type SplitName,
  splitNames,
} from './manifest.ts';
import { MAX_MANIFEST_BYTES } from './open-file.ts';
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

/** Sessions of a split in chunks, which are read once and in order. */
export type SessionSource = AsyncIterable<SessionChunk> | Iterable<SessionChunk>;

/** How a dataset is written. */
export interface WriteDatasetOptions {
  /** Replaces an existing dataset. */
  readonly overwrite?: boolean | undefined;
  /** Packs the buffers of the files; plain if not given. */
  readonly compression?: Compression | undefined;
}

/**
 * Writes a session dataset: under a temporary name first, flushed to disk, then renamed, so that it is there whole or not at all.
 *
 * @throws DataError if `directory` is there and is not a dataset, or is one and `overwrite` is not set.
 */
export async function writeDataset(
  directory: string,
  source: DatasetSource,
  options: WriteDatasetOptions = {},
): Promise<DatasetManifest> {
  const { overwrite = false, compression } = options;
  return replaceDataset(directory, { overwrite }, (folder) => writeDatasetFiles(folder, source, compression));
}

/** Writes the files of a dataset into an empty folder; the manifest comes last. For use with `replaceDataset`. */
export async function writeDatasetFiles(
  folder: string,
  source: DatasetSource,
  compression?: Compression,
): Promise<DatasetManifest> {
  const items = await writeItems(folder, source.items, compression);
  const splits: Partial<Record<SplitName, WrittenSplit>> = {};
  for (const name of splitNames) {
    const sessions = source.splits[name];
    if (sessions !== undefined) splits[name] = await writeSplit(folder, name, sessions, compression);
  }
  return writeManifest(folder, { items, splits, preparation: source.preparation });
}

/** A file of sessions that is written, and what is in it. */
export interface WrittenSplit {
  readonly record: FileRecord;
  readonly counts: { readonly sessions: number; readonly events: number };
}

/** Writes `items.arrow`. */
export async function writeItems(
  folder: string,
  source: DatasetSource['items'],
  compression?: Compression,
): Promise<{ record: FileRecord; count: number }> {
  const items = counted(itemBatches(source));
  const record = await writeArrowFile(join(folder, 'items.arrow'), itemSchema, items.batches, compression);
  return { record, count: items.count() };
}

/** Writes the file of a split. */
export async function writeSplit(
  folder: string,
  name: SplitName,
  source: SessionSource,
  compression?: Compression,
): Promise<WrittenSplit> {
  const split = counted(sessionBatches(source));
  const path = join(folder, `${name}.arrow`);
  const record = await writeArrowFile(path, sessionSchema, split.batches, compression);
  return { record, counts: split.count() };
}

/**
 * Writes `dataset.json` beside the other files: last of all.
 *
 * @throws DataError if `preparation` makes it larger than what is read.
 */
export async function writeManifest(
  folder: string,
  written: {
    readonly items: { readonly record: FileRecord; readonly count: number };
    readonly splits: Partial<Record<SplitName, WrittenSplit>>;
    readonly preparation: unknown;
  },
): Promise<DatasetManifest> {
  const files: Record<string, FileRecord> = { 'items.arrow': written.items.record };
  const splits: Partial<Record<SplitName, WrittenSplit['counts']>> = {};
  for (const name of splitNames) {
    const split = written.splits[name];
    if (split === undefined) continue;
    files[`${name}.arrow`] = split.record;
    splits[name] = split.counts;
  }
  const described: DatasetManifest = {
    format: DATASET_FORMAT,
    formatVersion: DATASET_VERSION,
    checksum: combinedChecksum(files),
    counts: { items: written.items.count, splits },
    files,
    preparation: written.preparation ?? null,
  };
  // Through JSON, so that the checksum is that of what a reader sees.
  const text = JSON.stringify(described);
  const manifest: DatasetManifest = { ...described, manifestChecksum: manifestChecksum(JSON.parse(text)) };
  const content = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
  if (content.byteLength > MAX_MANIFEST_BYTES) throw tooLarge(content.byteLength);
  await writeFile(join(folder, MANIFEST_FILE), content, { flag: 'wx', flush: true });
  return manifest;
}

function tooLarge(bytes: number): DataError {
  const message = `writeDataset: "preparation" expected a ${MANIFEST_FILE} of ${MAX_MANIFEST_BYTES} bytes at most, got ${bytes}. Prepare the dataset again from all files, or from fewer, larger ones.`;
  return new DataError(message);
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
