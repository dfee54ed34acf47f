import { type Data, Int32, Int64, type List, makeData, RecordBatch, Struct, Utf8 } from 'apache-arrow';
import { type ItemColumns, itemSchema, type SessionColumns, sessionSchema } from './schema.ts';
import type { ItemChunk, SessionChunk } from './table.ts';

/** Maximum sessions per record batch… */
const MAX_BATCH_SESSIONS = 65_536;
/** …and maximum events, unless a single session has more. */
const MAX_BATCH_EVENTS = 1 << 20;

const encoder = new TextEncoder();

/**
 * Cuts sessions into record batches of bounded size. Where a batch ends depends only on the sessions, not on the chunks
 * in which they come, so the same sessions give the same bytes.
 */
export async function* sessionBatches(
  chunks: AsyncIterable<SessionChunk> | Iterable<SessionChunk>,
): AsyncGenerator<RecordBatch<SessionColumns>, { sessions: number; events: number }> {
  const batch = new SessionBatch();
  let sessions = 0;
  let events = 0;
  for await (const chunk of chunks) {
    for (let session = 0; session < chunk.sessionIds.length; session++) {
      const length = offsetAt(chunk, session + 1) - offsetAt(chunk, session);
      if (batch.isFullFor(length)) yield batch.take();
      batch.add(chunk, session);
      sessions++;
      events += length;
    }
  }
  if (batch.size > 0 || sessions === 0) yield batch.take();
  return { sessions, events };
}

/** Cuts the item table into record batches of bounded size. */
export async function* itemBatches(
  chunks: AsyncIterable<ItemChunk> | Iterable<ItemChunk>,
): AsyncGenerator<RecordBatch<ItemColumns>, number> {
  let ids: string[] = [];
  let support: number[] = [];
  let items = 0;
  for await (const chunk of chunks) {
    let index = 0;
    for (const id of chunk.itemIds) {
      ids.push(id);
      support.push(chunk.support[index++] ?? 0);
      items++;
      if (ids.length < MAX_BATCH_SESSIONS) continue;
      yield itemBatch(ids, support);
      ids = [];
      support = [];
    }
  }
  if (ids.length > 0 || items === 0) yield itemBatch(ids, support);
  return items;
}

class SessionBatch {
  #ids: string[] = [];
  #offsets: number[] = [0];
  #items = new Int32Array(1024);
  #times = new BigInt64Array(1024);
  #events = 0;

  get size(): number {
    return this.#ids.length;
  }

  isFullFor(length: number): boolean {
    return this.size === MAX_BATCH_SESSIONS || (this.size > 0 && this.#events + length > MAX_BATCH_EVENTS);
  }

  add(chunk: SessionChunk, session: number): void {
    const start = offsetAt(chunk, session);
    const end = offsetAt(chunk, session + 1);
    this.#reserve(this.#events + end - start);
    this.#items.set(chunk.items.subarray(start, end), this.#events);
    this.#times.set(chunk.times.subarray(start, end), this.#events);
    this.#events += end - start;
    this.#offsets.push(this.#events);
    this.#ids.push(chunk.sessionIds[session] as string);
  }

  /** Returns the current batch and starts a new one. */
  take(): RecordBatch<SessionColumns> {
    const length = this.size;
    const offsets = Int32Array.from(this.#offsets);
    const items = makeData({
      type: sessionSchema.fields[1]?.type as List<Int32>,
      length,
      nullCount: 0,
      valueOffsets: offsets,
      child: makeData({ type: new Int32(), data: this.#items.slice(0, this.#events) }),
    });
    const times = makeData({
      type: sessionSchema.fields[2]?.type as List<Int64>,
      length,
      nullCount: 0,
      valueOffsets: offsets,
      child: makeData({ type: new Int64(), data: this.#times.slice(0, this.#events) }),
    });
    const data = makeData({
      type: new Struct<SessionColumns>(sessionSchema.fields),
      length,
      nullCount: 0,
      children: [utf8(this.#ids), items, times],
    });
    this.#ids = [];
    this.#offsets = [0];
    this.#events = 0;
    return new RecordBatch(sessionSchema, data);
  }

  #reserve(events: number): void {
    if (events <= this.#items.length) return;
    const capacity = Math.max(events, 2 * this.#items.length);
    const items = new Int32Array(capacity);
    const times = new BigInt64Array(capacity);
    items.set(this.#items.subarray(0, this.#events));
    times.set(this.#times.subarray(0, this.#events));
    this.#items = items;
    this.#times = times;
  }
}

function itemBatch(ids: readonly string[], support: readonly number[]): RecordBatch<ItemColumns> {
  const data = makeData({
    type: new Struct<ItemColumns>(itemSchema.fields),
    length: ids.length,
    nullCount: 0,
    children: [utf8(ids), makeData({ type: new Int32(), data: Int32Array.from(support) })],
  });
  return new RecordBatch(itemSchema, data);
}

function utf8(texts: readonly string[]): Data<Utf8> {
  const encoded = texts.map((text) => encoder.encode(text));
  const valueOffsets = new Int32Array(texts.length + 1);
  for (const [index, bytes] of encoded.entries()) {
    valueOffsets[index + 1] = (valueOffsets[index] ?? 0) + bytes.length;
  }
  const data = new Uint8Array(valueOffsets[texts.length] ?? 0);
  for (const [index, bytes] of encoded.entries()) data.set(bytes, valueOffsets[index] ?? 0);
  return makeData({ type: new Utf8(), length: texts.length, nullCount: 0, valueOffsets, data });
}

function offsetAt(chunk: SessionChunk, index: number): number {
  return chunk.sessionOffsets[index] ?? 0;
}
