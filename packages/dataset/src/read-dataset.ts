import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describeBlock, type SessionArrays, type SessionBlock } from '@gru4rec/batcher';
import { recover } from '@gru4rec/durable-files';
import type { RecordBatch } from 'apache-arrow';
import type { ArrowFile } from './arrow/index.ts';
import {
  contextField,
  type ItemColumns,
  itemSchema,
  type SessionColumns,
  sessionSchemaWith,
} from './batches.ts';
import { ItemIdError, ItemIdTable, type PackedIds } from './ids/index.ts';
import { itemFeaturesOf } from './item-info-file.ts';
import {
  broken,
  type ContextColumn,
  DataError,
  type DatasetManifest,
  MANIFEST_FILE,
  MAX_COUNT,
  type OpenFile,
  openArrowFile,
  openChecked,
  parseManifest,
  readManifestText,
  recordFor,
  type SplitName,
} from './manifest.ts';
import {
  countItems,
  type DatasetOf,
  type ItemChunk,
  type SessionChunk,
  type SessionDataset,
  type SessionTable,
} from './table.ts';

/** Bytes of the offset of an id, and of its support. */
const ITEM_BYTES = 8;

/**
 * Reads a session dataset into memory, fresh arrays. Checks version, sizes, checksums, schema, counts, offsets and item
 * indices.
 * @throws DataError naming the file that is missing, cut short, changed, foreign or of another version.
 * @example
 * const { itemIds, support, train, test } = await readDataset('data');
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
      directory,
      manifest,
      itemIds,
      support,
      itemFeatures: itemFeaturesOf(directory, manifest, { itemIds, support }),
      contextColumns: manifest.contextColumns,
      train,
      validation: splits.validation && (await open('validation')),
      test: splits.test && (await open('test')),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Completes a replacement that was killed between its two renames.
 * @throws DataError if there is no dataset, or one of another version.
 */
export async function readManifest(directory: string): Promise<DatasetManifest> {
  const file = join(directory, MANIFEST_FILE);
  if (!existsSync(file)) {
    await recover(directory);
    if (!existsSync(file)) throw await noDataset(directory);
  }
  return parseManifest(await readManifestText(directory, MANIFEST_FILE), file);
}

async function noDataset(directory: string): Promise<DataError> {
  const stats = await stat(directory).then(
    (entry) => (entry.isDirectory() ? `a folder without ${MANIFEST_FILE}` : 'a file'),
    () => 'nothing',
  );
  return new DataError(
    `readDataset: "directory" expected a session dataset, got ${stats}, at ${directory}. Make one with prepare.`,
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
      const support = batch.getChild('support')?.data[0]?.values.subarray(0, batch.numRows);
      yield { ids: packedIdsOf(batch), support: support ?? new Int32Array(0) };
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
  if (counts.events > MAX_COUNT) {
    throw broken(path, 'events', `at most ${MAX_COUNT} in memory`, counts.events);
  }
  const sessionIds: string[] = [];
  const blocks: SessionBlock[] = [];
  async function* batches() {
    for await (const { batch, block, ...sessions } of checkedBatches(split)) {
      pushIds(packedIdsOf(batch), sessionIds);
      blocks.push(block);
      yield sessions;
    }
  }
  const sessions = await joinBatches(batches(), { ...counts, contextWidth: contextColumns.length });
  if (counted) countItems(sessions.items, counted);
  const sessionStartTimes = startTimes(sessions.sessionOffsets, sessions.times);
  return { ...sessions, sessionIds, sessionStartTimes, blocks, checksum };
}

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
  return { sessionOffsets, items, times, context: width > 0 ? context : undefined };
}

function startTimes(sessionOffsets: Int32Array, times: BigInt64Array): Float64Array {
  const starts = new Float64Array(sessionOffsets.length - 1);
  for (let session = 0; session < starts.length; session++) {
    starts[session] = Number(times[sessionOffsets[session] ?? 0] ?? 0n);
  }
  return starts;
}

/** The ids of a batch (fresh). */
export function idsOf(batch: RecordBatch): string[] {
  const ids: string[] = [];
  pushIds(packedIdsOf(batch), ids);
  return ids;
}

function packedIdsOf(batch: RecordBatch): PackedIds {
  const data = batch.getChild('id')?.data[0];
  if (data === undefined || batch.numRows === 0)
    return { utf8: new Uint8Array(0), offsets: new Int32Array(1) };
  return { utf8: data.values, offsets: data.valueOffsets.subarray(0, batch.numRows + 1) };
}

/** The Arrow library would drop a byte order mark at the start of an id. */
function pushIds({ utf8: bytes, offsets }: PackedIds, into: string[]): void {
  const utf8 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let row = 0; row + 1 < offsets.length; row++) {
    into.push(utf8.toString('utf8', offsets[row], offsets[row + 1]));
  }
}

function checkSupport(directory: string, support: Int32Array, counted: Int32Array): void {
  const wrong = counted.findIndex((count, item) => count !== support[item]);
  if (wrong === -1) return;
  const expected = `${counted[wrong]} training events of item ${wrong}`;
  throw broken(join(directory, 'items.arrow'), 'support', expected, support[wrong]);
}

/** Reads the item table of a dataset in chunks. @throws DataError as `readDataset`. */
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

/** Reads the sessions of a split in chunks, each checked when it is read. @throws DataError as `readDataset`. */
export async function* readSessionChunks(
  directory: string,
  manifest: DatasetManifest,
  name: SplitName,
): AsyncGenerator<SessionChunk> {
  const split = await openSplitFile(directory, manifest, name);
  try {
    for await (const { batch, block: _, ...sessions } of checkedBatches(split)) {
      yield { ...sessions, sessionIds: idsOf(batch) };
    }
  } finally {
    await split.file.handle.close();
  }
}

/**
 * Starts of the first and last session of a split in the order of `prepare`.
 * @returns milliseconds since 1970 UTC; ±Infinity without sessions.
 * @throws DataError as `readDataset`.
 */
export async function sessionStarts(
  directory: string,
  manifest: DatasetManifest,
  name: SplitName,
): Promise<{ readonly first: number; readonly last: number }> {
  const { path, arrow, file, contextColumns } = await openSplitFile(directory, manifest, name);
  try {
    const head = sessionsOf(path, await arrow.read(0), contextColumns);
    const tail = sessionsOf(path, await arrow.read(arrow.batches - 1), contextColumns);
    const last = tail.times[tail.sessionOffsets.at(-2) ?? 0];
    return {
      first: Number(head.times[0] ?? Number.POSITIVE_INFINITY),
      last: Number(last ?? Number.NEGATIVE_INFINITY),
    };
  } finally {
    await file.handle.close();
  }
}

export interface SplitFile {
  readonly path: string;
  readonly file: OpenFile;
  readonly arrow: ArrowFile<SessionColumns>;
  readonly counts: { readonly sessions: number; readonly events: number };
  readonly itemCount: number;
  readonly contextColumns: readonly ContextColumn[];
  readonly checksum: string;
}

/** Views of its buffers, and fresh `context` if there is one. */
export interface BatchSessions extends SessionArrays {
  /** [events], milliseconds since 1970 UTC. */
  readonly times: BigInt64Array;
}

interface CheckedBatch extends BatchSessions {
  readonly batch: RecordBatch<SessionColumns>;
  readonly block: SessionBlock;
}

/** Also before they are stored, for more rows than in the manifest. */
function checkCount(path: string, what: string, got: number, expected: number, isEnd: boolean): void {
  if (got === expected || (!isEnd && got < expected)) return;
  throw broken(path, what, `${expected}, as the manifest says`, isEnd ? got : `${got} or more`);
}

/** The caller closes it. */
async function openSplitFile(
  directory: string,
  manifest: DatasetManifest,
  name: SplitName,
): Promise<SplitFile> {
  const path = join(directory, `${name}.arrow`);
  const counts = manifest.counts.splits[name] ?? { sessions: 0, events: 0 };
  const record = recordFor(manifest, `${name}.arrow`);
  const file = await openChecked(directory, `${name}.arrow`, record);
  try {
    const { contextColumns = [] } = manifest;
    const arrow = await openArrowFile(file, sessionSchemaWith(contextColumns));
    const { items: itemCount } = manifest.counts;
    return { path, file, arrow, counts, itemCount, contextColumns, checksum: record.sha256 };
  } catch (error) {
    await file.handle.close();
    throw error;
  }
}

export async function* checkedBatches(split: SplitFile): AsyncGenerator<CheckedBatch> {
  const { path, arrow, counts, itemCount, contextColumns } = split;
  let sessions = 0;
  let events = 0;
  for (let index = 0; index < arrow.batches; index++) {
    const batch = await arrow.read(index);
    const part = sessionsOf(path, batch, contextColumns);
    checkCount(path, 'sessions', sessions + batch.numRows, counts.sessions, false);
    checkCount(path, 'events', events + part.items.length, counts.events, false);
    checkItems(path, part.items, itemCount);
    checkTimes(path, part, sessions);
    yield { batch, ...part, block: describeBlock(part) };
    sessions += batch.numRows;
    events += part.items.length;
  }
  checkCount(path, 'sessions', sessions, counts.sessions, true);
  checkCount(path, 'events', events, counts.events, true);
}

/** After a check of its offsets: views, which keep the batch in memory, and fresh `context`. */
export function sessionsOf(
  path: string,
  batch: RecordBatch<SessionColumns>,
  contextColumns: readonly ContextColumn[],
): BatchSessions {
  // Offsets restart in every batch, and their buffer is padded: only the first rows + 1 are valid.
  const sessionOffsets = offsetsOf(path, batch);
  return {
    sessionOffsets,
    items: listValues(batch, 'items', sessionOffsets) as Int32Array,
    times: listValues(batch, 'times', sessionOffsets) as BigInt64Array,
    context: contextColumns.length > 0 ? contextOf(path, batch, sessionOffsets, contextColumns) : undefined,
  };
}

/** [events × C] indices of the values of context columns, −1 without one. */
function contextOf(
  path: string,
  batch: RecordBatch<SessionColumns>,
  offsets: Int32Array,
  columns: readonly ContextColumn[],
): Int32Array {
  const width = columns.length;
  const context = new Int32Array((offsets.at(-1) ?? 0) * width);
  for (const [column, { name, values }] of columns.entries()) {
    const field = contextField(name);
    const numbers = listValues(batch, field, offsets) as Uint16Array;
    for (let event = 0; event < numbers.length; event++) {
      const number = numbers[event] ?? 0;
      if (number > values.length) throw broken(path, field, `at most ${values.length}`, number);
      context[event * width + column] = number - 1;
    }
  }
  return context;
}

/** [rows + 1], the same for all lists, increasing from 0. */
function offsetsOf(path: string, batch: RecordBatch<SessionColumns>): Int32Array {
  const offsets = batch.getChild('items')?.data[0]?.valueOffsets.subarray(0, batch.numRows + 1);
  if (offsets === undefined || batch.numRows === 0) return Int32Array.of(0);
  for (let row = 0; row < batch.numRows; row++) {
    const [start = 0, end = 0] = [offsets[row], offsets[row + 1]];
    // An empty session has no first event, and so no place in the order.
    if (end <= start) throw broken(path, 'offsets', 'an increase', `${start} then ${end}`);
  }
  return offsets;
}

function listValues(
  batch: RecordBatch<SessionColumns>,
  name: string,
  offsets: Int32Array,
): Int32Array | BigInt64Array | Uint16Array {
  const values = batch.getChild(name as 'items')?.data[0]?.children[0]?.values;
  return values?.subarray(0, offsets.at(-1)) ?? (name === 'times' ? new BigInt64Array(0) : new Int32Array(0));
}

function checkItems(path: string, items: Int32Array, itemCount: number): void {
  for (let event = 0; event < items.length; event++) {
    const item = items[event] ?? -1;
    if (item < 0 || item >= itemCount) throw broken(path, 'items', `indices in [0, ${itemCount})`, item);
  }
}

/** @param before - sessions in the batches before this one. */
function checkTimes(path: string, { sessionOffsets, times }: BatchSessions, before: number): void {
  for (let session = 1; session < sessionOffsets.length; session++) {
    const end = sessionOffsets[session] ?? 0;
    for (let event = (sessionOffsets[session - 1] ?? 0) + 1; event < end; event++) {
      if ((times[event] ?? 0n) >= (times[event - 1] ?? 0n)) continue;
      throw broken(path, 'times', `no decrease in session ${before + session - 1}`, times[event]);
    }
  }
}
