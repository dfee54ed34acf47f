import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type OptionFlaw, optionError } from '@gru4rec/checks';
import { DurableError, replaceFolder } from '@gru4rec/durable-files';
import {
  AsyncByteQueue,
  type RecordBatch,
  RecordBatchFileWriter,
  type Schema,
  type TypeMap,
} from 'apache-arrow';
import { itemBatches, itemSchema, sessionBatches, sessionSchemaWith } from './batches.ts';
import { ItemIdTable } from './ids/index.ts';
import type { ItemInfoSource } from './item-info-file.ts';
import { ITEM_INFO_FILE } from './items/index.ts';
import {
  type ContextColumn,
  combinedChecksum,
  DATASET_FORMAT,
  DATASET_VERSION,
  DataError,
  type DatasetManifest,
  type FileRecord,
  MANIFEST_FILE,
  manifestChecksum,
  readManifestText,
  type SplitName,
  splitNames,
} from './manifest.ts';
import type { ItemChunk, SourceChunk } from './table.ts';

/** Each table in one or more chunks. A `SessionTable` is also a chunk. */
export interface DatasetSource {
  readonly items: AsyncIterable<ItemChunk> | Iterable<ItemChunk>;
  readonly splits: { readonly train: SessionSource } & Partial<Record<SplitName, SessionSource>>;
  /** JSON for the manifest, such as options and funnel. */
  readonly preparation?: unknown;
  /** Chunks of `item-info.jsonl`, made from all item ids. */
  readonly itemInfo?: ItemInfoSource | undefined;
  /** What the `context` of sessions means; all chunks have one then. */
  readonly contextColumns?: readonly ContextColumn[] | undefined;
}

/** Sessions of a split in chunks, read once, in order. */
export type SessionSource = AsyncIterable<SourceChunk> | Iterable<SourceChunk>;

/** Options of `writeDataset`. */
export interface WriteDatasetOptions {
  readonly overwrite?: boolean | undefined;
}

/** Writes a session dataset atomically, with the errors of `replaceDataset`. */
export async function writeDataset(
  directory: string,
  source: DatasetSource,
  options: WriteDatasetOptions = {},
): Promise<DatasetManifest> {
  return replaceDataset(directory, options, (folder) => writeDatasetFiles(folder, source));
}

/** Writes the files of a dataset into an empty folder; the manifest comes last. For use with `replaceDataset`. */
export async function writeDatasetFiles(folder: string, source: DatasetSource): Promise<DatasetManifest> {
  const { contextColumns } = source;
  const itemIds = source.itemInfo && new ItemIdTable();
  const chunks = itemIds ? collected(source.items, itemIds) : source.items;
  const items = await writeItems(folder, chunks);
  const splits: Partial<Record<SplitName, WrittenSplit>> = {};
  for (const name of splitNames) {
    const sessions = source.splits[name];
    if (sessions === undefined) continue;
    splits[name] = await writeSplit(folder, name, sessions, contextColumns);
  }
  const itemInfo = itemIds && source.itemInfo && (await writeItemInfo(folder, source.itemInfo(itemIds)));
  return writeManifest(folder, { items, splits, preparation: source.preparation, itemInfo, contextColumns });
}

export async function* collected(
  chunks: DatasetSource['items'],
  into: ItemIdTable,
): AsyncGenerator<ItemChunk> {
  for await (const chunk of chunks) {
    for (const id of chunk.itemIds) into.add(id);
    yield chunk;
  }
}

/** The items of chunks, then further ids, with support 0. @param known - an empty table; gets all ids. */
export async function* withMoreItems(
  chunks: DatasetSource['items'],
  ids: AsyncIterable<readonly string[]>,
  known: ItemIdTable,
): AsyncGenerator<ItemChunk> {
  yield* collected(chunks, known);
  for await (const piece of ids) {
    const itemIds = piece.filter((id) => {
      const { length } = known;
      return known.add(id) === length;
    });
    if (itemIds.length > 0) yield { itemIds, support: new Int32Array(itemIds.length) };
  }
}

export interface WrittenSplit {
  readonly record: FileRecord;
  readonly counts: { readonly sessions: number; readonly events: number };
}

export function writeItemInfo(folder: string, chunks: AsyncIterable<Uint8Array>): Promise<FileRecord> {
  return writeFlushed(join(folder, ITEM_INFO_FILE), chunks);
}

export async function writeItems(
  folder: string,
  source: DatasetSource['items'],
): Promise<{ readonly record: FileRecord; readonly counts: number }> {
  return writeArrowFile(join(folder, 'items.arrow'), itemSchema, itemBatches(source));
}

export async function writeSplit(
  folder: string,
  name: SplitName,
  source: SessionSource,
  contextColumns: readonly ContextColumn[] = [],
): Promise<WrittenSplit> {
  const path = join(folder, `${name}.arrow`);
  const schema = sessionSchemaWith(contextColumns);
  return writeArrowFile(path, schema, sessionBatches(source, schema));
}

/** To be called after the other files are written. */
export async function writeManifest(
  folder: string,
  written: {
    readonly items: { readonly record: FileRecord; readonly counts: number };
    readonly splits: Partial<Record<SplitName, WrittenSplit>>;
    readonly preparation: unknown;
    readonly itemInfo?: FileRecord | undefined;
    readonly contextColumns?: readonly ContextColumn[] | undefined;
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
  const described: Omit<DatasetManifest, 'manifestChecksum'> = {
    format: DATASET_FORMAT,
    formatVersion: DATASET_VERSION,
    checksum: combinedChecksum(files),
    counts: { items: written.items.counts, splits },
    files,
    itemInfo: written.itemInfo,
    ...(written.contextColumns && { contextColumns: written.contextColumns }),
    preparation: written.preparation ?? null,
  };
  // Via JSON, so that the checksum is of what a reader parses.
  const text = JSON.stringify(described);
  const manifest: DatasetManifest = { ...described, manifestChecksum: manifestChecksum(JSON.parse(text)) };
  const content = `${JSON.stringify(manifest, null, 2)}\n`;
  await writeFile(join(folder, MANIFEST_FILE), content, { flag: 'wx', flush: true });
  return manifest;
}

/** Buffers a batch until it is on disk, so that memory never holds more than one. */
class Outbox extends AsyncByteQueue {
  readonly chunks: Uint8Array[] = [];

  override write(chunk: ArrayBufferLike | ArrayBufferView): void {
    const view = ArrayBuffer.isView(chunk)
      ? new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      : new Uint8Array(chunk);
    if (view.byteLength > 0) this.chunks.push(view);
  }
}

/** @param batches - its return value is the count of what it has yielded. */
async function writeArrowFile<T extends TypeMap, Counts>(
  path: string,
  schema: Schema<T>,
  batches: AsyncGenerator<RecordBatch<T>, Counts>,
): Promise<{ readonly record: FileRecord; readonly counts: Counts }> {
  const outbox = new Outbox();
  const writer = new RecordBatchFileWriter<T>();
  let counts: Counts | undefined;
  async function* chunks() {
    writer.reset(outbox, schema);
    let next = await batches.next();
    for (; !next.done; next = await batches.next()) {
      writer.write(next.value);
      yield* outbox.chunks.splice(0);
    }
    counts = next.value;
    writer.finish();
    yield* outbox.chunks;
  }
  try {
    const record = await writeFlushed(path, chunks());
    return { record, counts: counts as Counts };
  } finally {
    // Ends the sources if writing failed.
    await batches.return(undefined as never);
  }
}

/** Chunk by chunk, to the disk at the end. */
async function writeFlushed(path: string, chunks: AsyncIterable<Uint8Array>): Promise<FileRecord> {
  const hash = createHash('sha256');
  let bytes = 0;
  const file = await open(path, 'wx');
  try {
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.byteLength;
      await file.writeFile(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}

/**
 * Fills a folder beside `directory`, flushes it to disk and renames it once it is complete. Completes or removes leftovers of
 * killed processes first.
 * @param fill - writes into the empty `folder`; `scratch` is another empty folder that is removed afterwards.
 * @throws DataError if `directory` exists and is not a dataset, or is one and `overwrite` is not set, or if its parent cannot
 * be written to.
 */
export async function replaceDataset<Result>(
  directory: string,
  options: WriteDatasetOptions,
  fill: (folder: string, scratch: string) => Promise<Result>,
): Promise<Result> {
  const { overwrite = false } = options;
  try {
    return await replaceFolder(directory, { check: () => checkReplaceable(directory, overwrite) }, fill);
  } catch (error) {
    throw error instanceof DurableError ? unwritable(error) : error;
  }
}

function unwritable({ file, cause }: DurableError): unknown {
  if ((cause as NodeJS.ErrnoException).code === 'ENOSPC') return cause;
  const message = `writeDataset: "directory" expected in a writable folder, got ${dirname(file)}, at ${file}. Choose another place.`;
  return new DataError(message, { file, cause });
}

/** An empty folder may be replaced. */
async function checkReplaceable(directory: string, overwrite: boolean): Promise<void> {
  if (!existsSync(directory)) return;
  const isFolder = (await stat(directory)).isDirectory();
  if (isFolder && (await readdir(directory)).length === 0) return;
  if (!isFolder || !(await isDataset(directory))) {
    throw notReplaceable(directory, {
      problem: `expected a new folder or a session dataset, got ${isFolder ? 'another folder' : 'a file'}, at ${directory}. Choose another name.`,
    });
  }
  if (overwrite) return;
  throw notReplaceable(directory, {
    problem: `expected a new folder, got a session dataset, at ${directory}. Choose another name or replace it`,
    remedy: 'overwrite',
  });
}

function notReplaceable(file: string, flaw: Pick<OptionFlaw, 'problem' | 'remedy'>): DataError {
  const caller = 'writeDataset';
  return optionError((message) => new DataError(message, { file }), { caller, option: 'directory', ...flaw });
}

/** Whether a folder has a dataset of any version, even with damaged files. */
async function isDataset(directory: string): Promise<boolean> {
  try {
    const manifest: unknown = JSON.parse(await readManifestText(directory, MANIFEST_FILE));
    return (manifest as { format?: unknown } | null)?.format === DATASET_FORMAT;
  } catch {
    return false;
  }
}
