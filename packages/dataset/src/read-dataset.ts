import { lstat, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SessionBlock } from '@gru4rec/batcher';
import { recover } from '@gru4rec/durable-files';
import type { RecordBatch } from 'apache-arrow';
import { type ItemColumns, itemSchema } from './batches.ts';
import {
  type BatchSessions,
  checkCount,
  checkedBatches,
  checkRoom,
  openSplitFile,
  type SplitFile,
  sessionsOf,
} from './check-sessions.ts';
import { broken, DataError } from './data-error.ts';
import { ItemIdError, ItemIdTable, type PackedIds } from './ids/index.ts';
import { itemFeaturesOf } from './item-info-file.ts';
import { type DatasetManifest, MANIFEST_FILE, parseManifest, recordFor, type SplitName } from './manifest.ts';
import { openArrowFile, openChecked, readManifestText } from './open-file.ts';
import type { DatasetOf, ItemChunk, SessionChunk, SessionDataset, SessionTable } from './table.ts';

/** Minimum bytes of an item: the offset of its id, its support. */
const ITEM_BYTES = 8;
/** Offsets are int32. */
const MAX_COUNT = 2 ** 31 - 1;

/**
 * Reads a session dataset into memory. Checks version, sizes, checksums, schema, counts, offsets and item indices.
 * @returns the dataset, in fresh arrays.
 * @throws DataError naming the file that is missing, cut short, changed, foreign or of another version.
 */
export async function readDataset(directory: string): Promise<SessionDataset> {
  const { close, ...dataset } = await openWith(directory, readSplit);
  await close();
  return dataset;
}

/** @param read - reads a split; gets [items] to count the events of `train` in. */
export async function openWith<Split>(
  directory: string,
  read: (file: SplitFile, counted?: Int32Array) => Promise<Split>,
): Promise<DatasetOf<Split> & { close(): Promise<void> }> {
  const manifest = await readManifest(directory);
  const { itemIds, support } = await readItems(directory, manifest);
  const files: SplitFile[] = [];
  const close = async () => {
    for (const { file } of files) await file.handle.close();
  };
  const open = async (name: SplitName, counted?: Int32Array) => {
    const file = await openSplitFile(directory, manifest, name);
    files.push(file);
    return read(file, counted);
  };
  try {
    const counted = new Int32Array(support.length);
    const train = await open('train', counted);
    checkSupport(directory, support, counted);
    const { splits } = manifest.counts;
    return {
      ...{ directory, manifest, itemIds, support },
      itemFeatures: itemFeaturesOf(directory, manifest, { itemIds, support }),
      ...(manifest.contextColumns && { contextColumns: manifest.contextColumns }),
      train,
      ...(splits.validation && { validation: await open('validation') }),
      ...(splits.test && { test: await open('test') }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Reads only the manifest. Completes a replacement that was killed between its two renames.
 * @throws DataError if there is no dataset, or one of another version.
 */
export async function readManifest(directory: string): Promise<DatasetManifest> {
  const file = join(directory, MANIFEST_FILE);
  if (!(await exists(file))) {
    await recover(directory);
    if (!(await exists(file))) throw await noDataset(directory);
  }
  return parseManifest(await readManifestText(directory, MANIFEST_FILE), file);
}

async function exists(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}

async function noDataset(directory: string): Promise<DataError> {
  const found = await stat(directory).then(
    (entry) => (entry.isDirectory() ? `a folder without ${MANIFEST_FILE}` : 'a file'),
    () => 'nothing',
  );
  return new DataError(
    `readDataset: "directory" expected a session dataset, got ${found}, at ${directory}. Make one with prepare.`,
    { file: directory },
  );
}

export async function readItems(
  directory: string,
  manifest: DatasetManifest,
): Promise<{ itemIds: ItemIdTable; support: Int32Array }> {
  const path = join(directory, 'items.arrow');
  const { items } = manifest.counts;
  const record = recordFor(manifest, 'items.arrow');
  checkRoom(path, 'items', items, record, ITEM_BYTES);
  // The size of compressed ids is unknown in advance: the table grows.
  const itemIds = new ItemIdTable({
    items,
    bytes: Math.max(0, Math.min(record.bytes - items * ITEM_BYTES, MAX_COUNT)),
  });
  const support = new Int32Array(items);
  for await (const chunk of packedItems(directory, manifest)) {
    support.set(chunk.support, itemIds.length);
    appendIds(path, chunk.ids, itemIds);
  }
  return { itemIds, support };
}

/** Batch by batch, with ids as bytes. */
async function* packedItems(
  directory: string,
  manifest: DatasetManifest,
): AsyncGenerator<{ readonly ids: PackedIds; readonly support: Int32Array }> {
  const { items } = manifest.counts;
  const file = await openChecked(directory, 'items.arrow', recordFor(manifest, 'items.arrow'));
  try {
    const arrow = await openArrowFile<ItemColumns>(file, itemSchema);
    let read = 0;
    for (let index = 0; index < arrow.batches; index++) {
      const batch = await arrow.read(index);
      read += batch.numRows;
      checkCount(file.path, 'items', read, items, false);
      yield { ids: idsOf(file.path, batch), support: supportOf(file.path, batch) };
    }
    checkCount(file.path, 'items', read, items, true);
  } finally {
    await file.handle.close();
  }
}

function appendIds(path: string, ids: PackedIds, into: ItemIdTable): void {
  try {
    into.append(ids);
  } catch (cause) {
    if (!(cause instanceof ItemIdError)) throw cause;
    if (cause.fault === 'repeated') throw broken(path, 'item ids', 'unique ids', 'repeated ones');
    throw broken(path, 'id', cause.expected, `${cause.got} in row ${cause.index}`);
  }
}

async function readSplit(split: SplitFile, counted?: Int32Array): Promise<SessionTable> {
  const { path, counts, checksum, contextColumns } = split;
  for (const what of ['sessions', 'events'] as const) {
    if (counts[what] > MAX_COUNT) throw broken(path, what, `at most ${MAX_COUNT} in memory`, counts[what]);
  }
  const sessionIds: string[] = [];
  const blocks: SessionBlock[] = [];
  async function* batches() {
    for await (const { batch, block, ...sessions } of checkedBatches(split)) {
      pushIds(idsOf(path, batch), sessionIds);
      blocks.push(block);
      yield sessions;
    }
  }
  const sessions = await joinBatches(batches(), { ...counts, contextWidth: contextColumns.length });
  if (counted) countItems(sessions.items, counted);
  const sessionStartTimes = startTimes(sessions.sessionOffsets, sessions.times);
  return { sessionIds, ...sessions, sessionStartTimes, blocks, checksum };
}

/** In fresh arrays. @param counts - of all batches. */
export async function joinBatches(
  batches: AsyncIterable<BatchSessions>,
  counts: { readonly sessions: number; readonly events: number; readonly contextWidth?: number | undefined },
): Promise<BatchSessions> {
  const { contextWidth: width = 0 } = counts;
  const sessionOffsets = new Int32Array(counts.sessions + 1);
  const items = new Int32Array(counts.events);
  const times = new BigInt64Array(counts.events);
  const context = new Int32Array(counts.events * width);
  let sessions = 0;
  let events = 0;
  for await (const batch of batches) {
    items.set(batch.items, events);
    times.set(batch.times, events);
    context.set(batch.context ?? [], events * width);
    const rows = batch.sessionOffsets.length - 1;
    for (let row = 1; row <= rows; row++) {
      sessionOffsets[sessions + row] = events + (batch.sessionOffsets[row] ?? 0);
    }
    sessions += rows;
    events += batch.items.length;
  }
  return { sessionOffsets, items, times, ...(width > 0 && { context }) };
}

function startTimes(sessionOffsets: Int32Array, times: BigInt64Array): Float64Array {
  const starts = new Float64Array(sessionOffsets.length - 1);
  for (let session = 0; session < starts.length; session++) {
    starts[session] = Number(times[sessionOffsets[session] ?? 0] ?? 0n);
  }
  return starts;
}

function supportOf(path: string, batch: RecordBatch<ItemColumns>): Int32Array {
  const data = batch.getChild('support')?.data[0];
  if (batch.numRows === 0) return new Int32Array(0);
  if (data === undefined || data.nullCount > 0) throw broken(path, 'support', 'no nulls', 'nulls');
  return data.values.subarray(0, batch.numRows);
}

function idsOf(path: string, batch: RecordBatch): PackedIds {
  const data = batch.getChild('id')?.data[0];
  if (batch.numRows === 0) return { utf8: new Uint8Array(0), offsets: new Int32Array(1) };
  if (data === undefined || data.nullCount > 0) throw broken(path, 'id', 'no nulls', 'nulls');
  return { utf8: data.values, offsets: data.valueOffsets.subarray(0, batch.numRows + 1) };
}

/** The Arrow library would drop a byte order mark at the start of an id. */
function pushIds({ utf8: bytes, offsets }: PackedIds, into: string[]): void {
  const utf8 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let row = 0; row + 1 < offsets.length; row++) {
    into.push(utf8.toString('utf8', offsets[row], offsets[row + 1]));
  }
}

export function countItems(items: Int32Array, into: Int32Array): void {
  for (let event = 0; event < items.length; event++) {
    const item = items[event] ?? 0;
    into[item] = (into[item] ?? 0) + 1;
  }
}

/** @throws DataError if support in the item table differs from the events in the training split. */
function checkSupport(directory: string, support: Int32Array, counted: Int32Array): void {
  const wrong = counted.findIndex((count, item) => count !== support[item]);
  if (wrong === -1) return;
  const expected = `${counted[wrong]} training events of item ${wrong}`;
  throw broken(join(directory, 'items.arrow'), 'support', expected, support[wrong]);
}

/**
 * Reads the item table of a dataset in chunks, in order of item index.
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
 * Start of the last session of a split whose sessions are in order of their first events, as `prepare` writes
 * them.
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
