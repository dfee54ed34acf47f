import { join } from 'node:path';
import { describeBlock, type SessionArrays, type SessionBlock } from '@gru4rec/batcher';
import type { RecordBatch } from 'apache-arrow';
import type { ArrowFile } from './arrow/index.ts';
import { contextField, type SessionColumns, sessionSchemaWith } from './batches.ts';
import type { ContextColumn } from './context-columns.ts';
import { broken } from './data-error.ts';
import { type DatasetManifest, type FileRecord, recordFor, type SplitName } from './manifest.ts';
import { type OpenFile, openArrowFile, openChecked } from './open-file.ts';

/** Minimum bytes of a session (three offsets) and of an event (item, time). */
const SESSION_BYTES = 12;
const EVENT_BYTES = 12;

/** After its size, checksum and schema were checked. */
export interface SplitFile {
  readonly path: string;
  readonly file: OpenFile;
  readonly arrow: ArrowFile<SessionColumns>;
  /** According to the manifest. */
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

export interface CheckedBatch extends BatchSessions {
  readonly batch: RecordBatch<SessionColumns>;
  readonly block: SessionBlock;
}

/** Most bytes that one byte holds: a block of Zstandard that repeats a byte 2¹⁷ times takes that byte and three more. */
const MOST_RATIO = 2 ** 17 / 4;

/** To be called before memory is allocated for the count. @param leastBytes - per counted thing. */
export function checkRoom(
  path: string,
  what: string,
  count: number,
  { bytes, compression }: FileRecord,
  leastBytes: number,
): void {
  const limit = Math.floor((bytes * (compression ? MOST_RATIO : 1)) / leastBytes);
  if (count > limit) throw broken(path, what, `at most ${limit} in a file of this size`, count);
}

/** Also before they are stored, for more rows than in the manifest. */
export function checkCount(path: string, what: string, got: number, expected: number, isEnd: boolean): void {
  if (got === expected || (!isEnd && got < expected)) return;
  throw broken(path, what, `${expected}, as the manifest says`, isEnd ? got : `${got} or more`);
}

/** The caller closes it. */
export async function openSplitFile(
  directory: string,
  manifest: DatasetManifest,
  name: SplitName,
): Promise<SplitFile> {
  const path = join(directory, `${name}.arrow`);
  const counts = manifest.counts.splits[name] ?? { sessions: 0, events: 0 };
  const record = recordFor(manifest, `${name}.arrow`);
  checkRoom(path, 'sessions', counts.sessions, record, SESSION_BYTES);
  checkRoom(path, 'events', counts.events, record, EVENT_BYTES);
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

/** In order. Each batch is checked when it is read; the total counts at the end. */
export async function* checkedBatches(split: SplitFile): AsyncGenerator<CheckedBatch> {
  const { path, arrow, counts, itemCount, contextColumns } = split;
  let sessions = 0;
  let events = 0;
  for (let index = 0; index < arrow.batches; index++) {
    const batch = await arrow.read(index);
    const found = sessionsOf(path, batch, contextColumns);
    checkCount(path, 'sessions', sessions + batch.numRows, counts.sessions, false);
    checkCount(path, 'events', events + found.items.length, counts.events, false);
    checkItems(path, found.items, itemCount);
    checkTimes(path, found, sessions);
    if (batch.getChild('id')?.nullCount !== 0) throw broken(path, 'id', 'no nulls', 'nulls');
    yield { batch, ...found, block: describeBlock(found) };
    sessions += batch.numRows;
    events += found.items.length;
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
    items: listValues(path, batch, 'items', sessionOffsets) as Int32Array,
    times: listValues(path, batch, 'times', sessionOffsets) as BigInt64Array,
    ...(contextColumns.length > 0 && { context: contextOf(path, batch, sessionOffsets, contextColumns) }),
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
    const own = offsetsIn(path, batch, field);
    if (offsets.some((offset, at) => batch.numRows > 0 && own[at] !== offset)) {
      throw broken(path, field, 'as many values as items', 'others');
    }
    const numbers = listValues(path, batch, field, offsets) as Uint16Array;
    for (let event = 0; event < numbers.length; event++) {
      const number = numbers[event] ?? 0;
      if (number > values.length) throw broken(path, field, `at most ${values.length}`, number);
      context[event * width + column] = number - 1;
    }
  }
  return context;
}

/** [rows + 1] */
function offsetsIn(path: string, batch: RecordBatch<SessionColumns>, name: string): Int32Array {
  const data = batch.getChild(name as 'items')?.data[0];
  if (data === undefined || data.nullCount > 0) throw broken(path, name, 'no nulls', 'nulls');
  return data.valueOffsets.subarray(0, batch.numRows + 1);
}

/** [rows + 1], the same for items and times, increasing from 0. */
function offsetsOf(path: string, batch: RecordBatch<SessionColumns>): Int32Array {
  const [items, times] = [offsetsIn(path, batch, 'items'), offsetsIn(path, batch, 'times')];
  if (batch.numRows > 0 && items[0] !== 0) throw broken(path, 'offsets', '0 at the start', items[0]);
  for (let row = 0; row < batch.numRows; row++) {
    const [start = 0, end = 0] = [items[row], items[row + 1]];
    // An empty session has no first event, and so no place in the order.
    if (end <= start) throw broken(path, 'offsets', 'an increase', `${start} then ${end}`);
    if (times[row + 1] !== end) throw broken(path, 'times', `${end - start} in session ${row}`, 'others');
  }
  return batch.numRows > 0 ? items : Int32Array.of(0);
}

function listValues(
  path: string,
  batch: RecordBatch<SessionColumns>,
  name: string,
  offsets: Int32Array,
): Int32Array | BigInt64Array | Uint16Array {
  const child = batch.getChild(name as 'items')?.data[0]?.children[0];
  const count = offsets[offsets.length - 1] ?? 0;
  if (count === 0) return name === 'times' ? new BigInt64Array(0) : new Int32Array(0);
  if (child === undefined || child.nullCount > 0) throw broken(path, name, 'no nulls', 'nulls');
  if (child.length < count) throw broken(path, name, `${count} values`, child.length);
  return child.values.subarray(0, count);
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
