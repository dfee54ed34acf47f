import {
  type Data,
  Field,
  Int32,
  Int64,
  List,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Uint16,
  Utf8,
} from 'apache-arrow';
import type { PackedIds } from './ids/index.ts';
import type { ItemChunk, SourceChunk } from './table.ts';

const itemsType = new List(new Field('item', new Int32(), false));
const contextType: List<Uint16> = new List(new Field('item', new Uint16(), false));
const timesType = new List(new Field('item', new Int64(), false));

/** Times are milliseconds. */
const sessionSchema: Schema<SessionColumns> = new Schema([
  new Field('id', new Utf8(), false),
  new Field('items', itemsType, false),
  new Field('times', timesType, false),
]);

/** With a list `context.<column>` per context column: 0 for an event without a value, else 1 + its index in the manifest. */
export function sessionSchemaWith(columns: readonly { readonly name: string }[]): Schema<SessionColumns> {
  const lists: Field[] = columns.map(({ name }) => new Field(contextField(name), contextType, false));
  return new Schema([...sessionSchema.fields, ...lists]) as Schema<SessionColumns>;
}

export function contextField(column: string): string {
  return `context.${column}`;
}

export const itemSchema: Schema<ItemColumns> = new Schema([
  new Field('id', new Utf8(), false),
  new Field('support', new Int32(), false),
]);

export type SessionColumns = { id: Utf8; items: List<Int32>; times: List<Int64> };
export type ItemColumns = { id: Utf8; support: Int32 };

const encoder = new TextEncoder();

/** Maximum sessions per record batch… */
const MAX_BATCH_SESSIONS = 65_536;
/** …and maximum events, unless a single session has more. */
const MAX_BATCH_EVENTS = 1 << 20;

/**
 * Batches are of bounded size. The same sessions give the same bytes, in whatever chunks they come.
 * @param schema - of `sessionSchemaWith`.
 */
export async function* sessionBatches(
  chunks: AsyncIterable<SourceChunk> | Iterable<SourceChunk>,
  schema: Schema<SessionColumns>,
): AsyncGenerator<RecordBatch<SessionColumns>, { sessions: number; events: number }> {
  const batch = new SessionBatch(schema);
  let sessions = 0;
  let events = 0;
  for await (const chunk of chunks) {
    const length = chunk.sessionOffsets.length - 1;
    for (let from = 0; from < length; ) {
      const end = batch.endOfFit(chunk, from);
      if (end === from) yield batch.take();
      else batch.add(chunk, from, end);
      from = end;
    }
    sessions += length;
    events += offsetAt(chunk, length) - offsetAt(chunk, 0);
  }
  if (batch.size > 0 || sessions === 0) yield batch.take();
  return { sessions, events };
}

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
  readonly #schema: Schema<SessionColumns>;
  /** C, the context columns, which follow id, items and times. */
  readonly #contextWidth: number;
  readonly #ids = new TextColumn();
  readonly #offsets = new Int32Array(MAX_BATCH_SESSIONS + 1);
  #items = new Int32Array(1024);
  #times = new BigInt64Array(1024);
  /** [events × C] */
  #context: Int32Array;
  #events = 0;

  constructor(schema: Schema<SessionColumns>) {
    this.#schema = schema;
    this.#contextWidth = schema.fields.length - 3;
    this.#context = new Int32Array(1024 * this.#contextWidth);
  }

  get size(): number {
    return this.#ids.length;
  }

  /** @returns the end of the sessions of the chunk that fit; `from` if the batch is full. */
  endOfFit(chunk: SourceChunk, from: number): number {
    const most = Math.min(chunk.sessionOffsets.length - 1, from + MAX_BATCH_SESSIONS - this.size);
    const limit = offsetAt(chunk, from) + MAX_BATCH_EVENTS - this.#events;
    let end = from;
    while (end < most && offsetAt(chunk, end + 1) <= limit) end++;
    return end === from && this.size === 0 ? from + 1 : end;
  }

  /** `end` is exclusive. */
  add(chunk: SourceChunk, from: number, end: number): void {
    const [first, last] = [offsetAt(chunk, from), offsetAt(chunk, end)];
    this.#reserve(this.#events + last - first);
    this.#items.set(chunk.items.subarray(first, last), this.#events);
    this.#times.set(chunk.times.subarray(first, last), this.#events);
    const width = this.#contextWidth;
    if (width > 0) {
      const context = chunk.context?.subarray(first * width, last * width);
      this.#context.fill(-1, this.#events * width, (this.#events + last - first) * width);
      if (context) this.#context.set(context, this.#events * width);
    }
    for (let session = from; session < end; session++) {
      this.#offsets[this.size + session + 1 - from] = this.#events + offsetAt(chunk, session + 1) - first;
    }
    this.#ids.add(chunk.sessionIds, from, end);
    this.#events += last - first;
  }

  take(): RecordBatch<SessionColumns> {
    const length = this.size;
    const offsets = this.#offsets.slice(0, length + 1);
    const list = { length, nullCount: 0, valueOffsets: offsets };
    const items = makeData({ type: new Int32(), data: this.#items.slice(0, this.#events) });
    const times = makeData({ type: new Int64(), data: this.#times.slice(0, this.#events) });
    const lists = [
      makeData({ ...list, type: itemsType, child: items }),
      makeData({ ...list, type: timesType, child: times }),
    ];
    const data = makeData({
      type: new Struct<SessionColumns>(this.#schema.fields),
      length,
      nullCount: 0,
      children: [textData(this.#ids.take()), ...lists, ...this.#contextLists(length, offsets)],
    });
    this.#events = 0;
    return new RecordBatch(this.#schema, data);
  }

  #contextLists(length: number, valueOffsets: Int32Array): Data<List<Uint16>>[] {
    return Array.from({ length: this.#contextWidth }, (_, column) => {
      const values = new Uint16Array(this.#events);
      for (let event = 0; event < values.length; event++) {
        values[event] = 1 + (this.#context[event * this.#contextWidth + column] ?? -1);
      }
      const child = makeData({ type: new Uint16(), data: values });
      return makeData({ type: contextType, length, nullCount: 0, valueOffsets, child });
    });
  }

  #reserve(events: number): void {
    if (events <= this.#items.length) return;
    const capacity = Math.max(events, 2 * this.#items.length);
    this.#items = grown(this.#items, new Int32Array(capacity));
    this.#times = grown(this.#times, new BigInt64Array(capacity));
    this.#context = grown(this.#context, new Int32Array(capacity * this.#contextWidth));
  }
}

function grown<Values extends Int32Array | Uint8Array | BigInt64Array>(
  values: Values,
  larger: Values,
): Values {
  larger.set(values as never);
  return larger;
}

function itemBatch(ids: readonly string[], support: readonly number[]): RecordBatch<ItemColumns> {
  const data = makeData({
    type: new Struct<ItemColumns>(itemSchema.fields),
    length: ids.length,
    nullCount: 0,
    children: [textData(packTexts(ids)), makeData({ type: new Int32(), data: Int32Array.from(support) })],
  });
  return new RecordBatch(itemSchema, data);
}

function offsetAt(chunk: SourceChunk, index: number): number {
  return chunk.sessionOffsets[index] ?? 0;
}

class TextColumn {
  #bytes = new Uint8Array(1024);
  /** [capacity + 1] */
  #offsets = new Int32Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(texts: readonly string[] | PackedIds, from: number, end: number): void {
    if ('utf8' in texts) this.#append(texts, from, end);
    else this.#append(packTexts(texts.slice(from, end)), 0, end - from);
  }

  take(): PackedIds {
    const offsets = this.#offsets.slice(0, this.#length + 1);
    this.#length = 0;
    return { utf8: this.#bytes.slice(0, offsets.at(-1)), offsets };
  }

  #append({ utf8, offsets }: PackedIds, from: number, end: number): void {
    const [first, last] = [offsets[from] ?? 0, offsets[end] ?? 0];
    const at = this.#offsets[this.#length] ?? 0;
    this.#reserve(this.#length + end - from, at + last - first);
    this.#bytes.set(utf8.subarray(first, last), at);
    for (let text = from; text < end; text++) {
      this.#offsets[++this.#length] = at + (offsets[text + 1] ?? 0) - first;
    }
  }

  #reserve(texts: number, bytes: number): void {
    if (texts >= this.#offsets.length) this.#offsets = grown(this.#offsets, new Int32Array(2 * texts));
    if (bytes > this.#bytes.length) this.#bytes = grown(this.#bytes, new Uint8Array(2 * bytes));
  }
}

function textData({ utf8: data, offsets: valueOffsets }: PackedIds): Data<Utf8> {
  return makeData({ type: new Utf8(), length: valueOffsets.length - 1, nullCount: 0, valueOffsets, data });
}

/** ASCII is encoded all at once, which takes a quarter of the time. */
function packTexts(texts: readonly string[]): PackedIds {
  const joined = texts.join('');
  const whole = encoder.encode(joined);
  const isAscii = whole.length === joined.length;
  const parts = isAscii ? texts : texts.map((text) => encoder.encode(text));
  const offsets = new Int32Array(texts.length + 1);
  let end = 0;
  for (let index = 0; index < parts.length; index++) {
    end += (parts[index] as string | Uint8Array).length;
    offsets[index + 1] = end;
  }
  return { utf8: isAscii ? whole : Buffer.concat(parts as Uint8Array[]), offsets };
}
