import { lstat, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { RecordBatch } from 'apache-arrow';
import { DataError } from './data-error.ts';
import { type DatasetManifest, MANIFEST_FILE, parseManifest, type SplitName } from './manifest.ts';
import { readManifestText } from './open-file.ts';
import { openChecked, readArrowFile } from './read-arrow.ts';
import { type ItemColumns, itemSchema, type SessionColumns, sessionSchema } from './schema.ts';
import type { SessionDataset, SessionTable } from './table.ts';
import { finishReplacement } from './workspace.ts';

/** Bytes that an item (offset of its id, support), a session (three offsets) and an event (item, time) take at least. */
const ITEM_BYTES = 8;
const SESSION_BYTES = 12;
const EVENT_BYTES = 12;
/** Offsets are int32. */
const MAX_COUNT = 2 ** 31 - 1;

/**
 * Reads a session dataset after checking it: version, sizes, checksums, schema, counts, offsets, item indices.
 *
 * @returns fresh arrays, in memory.
 * @throws DataError naming the file that is missing, cut short, changed, foreign or of another version.
 */
export async function readDataset(directory: string): Promise<SessionDataset> {
  const manifest = await readManifest(directory);
  const { itemIds, support } = await readItems(directory, manifest);
  const train = await readSessions(directory, manifest, 'train');
  checkSupport(join(directory, 'items.arrow'), support, train);
  const { splits } = manifest.counts;
  return {
    directory,
    manifest,
    itemIds,
    support,
    train,
    ...(splits.validation && { validation: await readSessions(directory, manifest, 'validation') }),
    ...(splits.test && { test: await readSessions(directory, manifest, 'test') }),
  };
}

/**
 * Reads only the manifest of a dataset. If a run that was to replace the dataset was killed between moving the old one
 * away and naming the new one, the new one gets its name first.
 *
 * @throws DataError if there is none, or none of this version.
 */
export async function readManifest(directory: string): Promise<DatasetManifest> {
  const file = join(directory, MANIFEST_FILE);
  if (!(await exists(file))) {
    await finishReplacement(resolve(directory));
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

async function readItems(
  directory: string,
  manifest: DatasetManifest,
): Promise<{ itemIds: string[]; support: Int32Array }> {
  const path = join(directory, 'items.arrow');
  const { items } = manifest.counts;
  const record = recordFor(manifest, 'items.arrow');
  checkRoom(path, 'items', items, record.bytes / ITEM_BYTES);
  const file = await openChecked(directory, 'items.arrow', record);
  const itemIds: string[] = [];
  const support = new Int32Array(items);
  for await (const batch of readArrowFile<ItemColumns>(file, itemSchema)) {
    checkFits(path, 'items', itemIds.length + batch.numRows, items);
    support.set(valuesOf(path, batch, 'support', batch.numRows) as Int32Array, itemIds.length);
    pushIds(path, batch, itemIds);
  }
  checkCount(path, 'items', itemIds.length, items);
  if (new Set(itemIds).size !== items) throw broken(path, 'item ids', 'no two alike', 'repeated ones');
  return { itemIds, support };
}

async function readSessions(
  directory: string,
  manifest: DatasetManifest,
  name: SplitName,
): Promise<SessionTable> {
  const path = join(directory, `${name}.arrow`);
  const counts = manifest.counts.splits[name] ?? { sessions: 0, events: 0 };
  const record = recordFor(manifest, `${name}.arrow`);
  checkRoom(path, 'sessions', counts.sessions, record.bytes / SESSION_BYTES);
  checkRoom(path, 'events', counts.events, record.bytes / EVENT_BYTES);
  const file = await openChecked(directory, `${name}.arrow`, record);
  const sessionIds: string[] = [];
  const sessionOffsets = new Int32Array(counts.sessions + 1);
  const items = new Int32Array(counts.events);
  const times = new BigInt64Array(counts.events);
  let events = 0;
  for await (const batch of readArrowFile<SessionColumns>(file, sessionSchema)) {
    // Offsets restart in every batch, and their buffer is padded: only rows + 1 of them count.
    const offsets = offsetsOf(path, batch);
    const more = offsets[batch.numRows] ?? 0;
    checkFits(path, 'sessions', sessionIds.length + batch.numRows, counts.sessions);
    checkFits(path, 'events', events + more, counts.events);
    items.set(listValues(path, batch, 'items', offsets) as Int32Array, events);
    times.set(listValues(path, batch, 'times', offsets) as BigInt64Array, events);
    for (let row = 0; row < batch.numRows; row++) {
      sessionOffsets[sessionIds.length + row + 1] = events + (offsets[row + 1] ?? 0);
    }
    pushIds(path, batch, sessionIds);
    events += more;
  }
  checkCount(path, 'sessions', sessionIds.length, counts.sessions);
  checkCount(path, 'events', events, counts.events);
  const table = { sessionIds, sessionOffsets, items, times };
  checkEvents(path, table, manifest.counts.items);
  return { ...table, sessionStartTimes: startTimes(sessionOffsets, times) };
}

function startTimes(sessionOffsets: Int32Array, times: BigInt64Array): Float64Array {
  const starts = new Float64Array(sessionOffsets.length - 1);
  for (let session = 0; session < starts.length; session++) {
    starts[session] = Number(times[sessionOffsets[session] ?? 0] ?? 0n);
  }
  return starts;
}

/** [rows + 1] of the lists in a batch, alike for items and times, from 0 upwards. */
function offsetsOf(path: string, batch: RecordBatch<SessionColumns>): Int32Array {
  const [items, times] = ['items', 'times'].map((name) => {
    const data = batch.getChild(name as 'items' | 'times')?.data[0];
    if (data === undefined || data.nullCount > 0) throw broken(path, name, 'no nulls', 'nulls');
    return data.valueOffsets.subarray(0, batch.numRows + 1);
  }) as [Int32Array, Int32Array];
  if (batch.numRows > 0 && items[0] !== 0) throw broken(path, 'offsets', '0 at the start', items[0]);
  for (let row = 0; row < batch.numRows; row++) {
    const [start = 0, end = 0] = [items[row], items[row + 1]];
    // An empty session has no first event, so it has no place in the order.
    if (end <= start) throw broken(path, 'offsets', 'an increase', `${start} then ${end}`);
    if (times[row + 1] !== end) throw broken(path, 'times', `${end - start} in session ${row}`, 'others');
  }
  return batch.numRows > 0 ? items : Int32Array.of(0);
}

function listValues(
  path: string,
  batch: RecordBatch<SessionColumns>,
  name: 'items' | 'times',
  offsets: Int32Array,
): Int32Array | BigInt64Array {
  const child = batch.getChild(name)?.data[0]?.children[0];
  const count = offsets[offsets.length - 1] ?? 0;
  if (count === 0) return name === 'items' ? new Int32Array(0) : new BigInt64Array(0);
  if (child === undefined || child.nullCount > 0) throw broken(path, name, 'no nulls', 'nulls');
  if (child.length < count) throw broken(path, name, `${count} values`, child.length);
  return child.values.subarray(0, count);
}

function valuesOf(path: string, batch: RecordBatch<ItemColumns>, name: 'support', rows: number): Int32Array {
  const data = batch.getChild(name)?.data[0];
  if (rows === 0) return new Int32Array(0);
  if (data === undefined || data.nullCount > 0) throw broken(path, name, 'no nulls', 'nulls');
  return data.values.subarray(0, rows);
}

function pushIds(path: string, batch: RecordBatch, into: string[]): void {
  const ids = batch.getChild('id');
  for (let row = 0; row < batch.numRows; row++) {
    const id: unknown = ids?.get(row);
    if (typeof id !== 'string') throw broken(path, 'id', `a text in row ${row}`, id);
    into.push(id);
  }
}

function checkEvents(
  path: string,
  { sessionOffsets, items, times }: Omit<SessionTable, 'sessionStartTimes'>,
  itemCount: number,
): void {
  for (let event = 0; event < items.length; event++) {
    const item = items[event] ?? -1;
    if (item < 0 || item >= itemCount) throw broken(path, 'items', `indices in [0, ${itemCount})`, item);
  }
  for (let session = 1; session < sessionOffsets.length; session++) {
    const end = sessionOffsets[session] ?? 0;
    for (let event = (sessionOffsets[session - 1] ?? 0) + 1; event < end; event++) {
      if ((times[event] ?? 0n) >= (times[event - 1] ?? 0n)) continue;
      throw broken(path, 'times', `no decrease in session ${session - 1}`, times[event]);
    }
  }
}

function checkSupport(path: string, support: Int32Array, train: SessionTable): void {
  const counted = new Int32Array(support.length);
  for (const item of train.items) counted[item] = (counted[item] ?? 0) + 1;
  const wrong = counted.findIndex((count, item) => count !== support[item]);
  if (wrong === -1) return;
  throw broken(path, 'support', `${counted[wrong]} training events of item ${wrong}`, support[wrong]);
}

/** Refuses a count that the file has no room for, before memory is taken for it. */
function checkRoom(path: string, what: string, count: number, most: number): void {
  const limit = Math.min(Math.floor(most), MAX_COUNT);
  if (count > limit) throw broken(path, what, `at most ${limit} in a file of this size`, count);
}

function checkFits(path: string, what: string, got: number, expected: number): void {
  if (got > expected) throw broken(path, what, `${expected}, as the manifest says`, `${got} or more`);
}

function checkCount(path: string, what: string, got: number, expected: number): void {
  if (got !== expected) throw broken(path, what, `${expected}, as the manifest says`, got);
}

function recordFor(manifest: DatasetManifest, name: string): { bytes: number; sha256: string } {
  return manifest.files[name] ?? { bytes: 0, sha256: '' };
}

function broken(path: string, what: string, expected: string, got: unknown): DataError {
  const message = `readDataset: "${what}" expected ${expected}, got ${String(got)}, at ${path}. Prepare the dataset again.`;
  return new DataError(message, { file: path, column: what });
}
