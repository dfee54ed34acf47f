const MAGIC = 'ARROW1';
/** Footer, its length as int32, magic. */
const TAIL = 10;
/** Bytes of a `Block`, a `FieldNode` and a `Buffer`. */
const BLOCK = 24;
const NODE = 16;
/** Continuation marker and length before a message. */
const PREFIX = 8;
/** Values of `MessageHeader`. */
const DICTIONARY_BATCH = 2;
const RECORD_BATCH = 3;
/** Fields of a schema, nested ones included: ours have five. */
const MAX_FIELDS = 64;

/**
 * Checks that what the metadata of an Arrow IPC file counts has room in the file: blocks, fields, rows, buffers. The
 * Arrow reader believes each of these numbers, and a wrong one would keep it busy or fill the memory.
 * Layout: https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format, File.fbs, Message.fbs, Schema.fbs.
 *
 * @throws RangeError that says which part has no room.
 */
export function checkArrowBounds(bytes: Uint8Array): void {
  const text = (from: number): string => String.fromCharCode(...bytes.subarray(from, from + MAGIC.length));
  const size = bytes.byteLength;
  if (size < 4 * MAGIC.length || text(0) !== MAGIC || text(size - MAGIC.length) !== MAGIC) {
    throw new RangeError('it does not start and end as an Arrow file');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, size);
  const end = size - TAIL;
  const length = view.getInt32(end, true);
  if (length < 4 || length > end - MAGIC.length) throw new RangeError('its footer has no room');
  const footer = new Metadata(bytes.subarray(end - length, end));
  checkSchema(footer, footer.table(footer.root, 1));
  const blocks = [...blocksOf(footer, 2, DICTIONARY_BATCH), ...blocksOf(footer, 3, RECORD_BATCH)];
  let total = 0;
  for (const block of blocks) {
    const { offset, metadata, body } = block;
    total += metadata + body;
    const isInside = offset >= 0 && metadata > PREFIX && body >= 0 && offset + metadata + body <= end;
    if (!isInside || total > size) throw new RangeError('its record batches have no room');
    // The reader would look for a message of the right kind at this place again and again.
    const length = view.getInt32(offset + 4, true);
    const isMessage = view.getInt32(offset, true) === -1 && length > 0 && length <= metadata - PREFIX;
    if (!isMessage) throw new RangeError('a record batch is not where its footer says');
    const start = offset + PREFIX;
    checkMessage(new Metadata(bytes.subarray(start, start + length)), block, size);
  }
}

/** Where a message lies, in bytes, and of which kind it is. */
interface Block {
  readonly kind: number;
  readonly offset: number;
  readonly metadata: number;
  readonly body: number;
}

function blocksOf(footer: Metadata, slot: number, kind: number): Block[] {
  const { at, count } = footer.vector(footer.root, slot, BLOCK);
  return Array.from({ length: count }, (_, index) => ({
    kind,
    offset: footer.int64(at + index * BLOCK),
    metadata: footer.int32(at + index * BLOCK + 8),
    body: footer.int64(at + index * BLOCK + 16),
  }));
}

function checkSchema(footer: Metadata, schema: number): void {
  footer.vector(schema, 2, 4);
  const open = [...footer.tables(schema, 1)];
  let fields = 0;
  for (let field = open.pop(); field !== undefined; field = open.pop()) {
    if (++fields > MAX_FIELDS) throw new RangeError(`its schema has more than ${MAX_FIELDS} fields`);
    footer.vector(field, 6, 4);
    open.push(...footer.tables(field, 5));
  }
}

function checkMessage(message: Metadata, { kind, body }: Block, size: number): void {
  const bodyLength = message.field(message.root, 3);
  if (message.byte(message.root, 1) !== kind || (bodyLength === 0 ? 0 : message.int64(bodyLength)) !== body) {
    throw new RangeError('a record batch is not where its footer says');
  }
  const header = message.table(message.root, 2);
  // A dictionary batch holds a record batch: id, data.
  const batch = kind === DICTIONARY_BATCH ? message.table(header, 1) : header;
  message.vector(message.root, 4, 4);
  message.vector(batch, 4, 8);
  const rows = message.field(batch, 0);
  if (rows !== 0 && !fits(message.int64(rows), size))
    throw new RangeError('the rows of a batch have no room');
  for (const at of message.structs(batch, 1, NODE)) {
    const isSound = fits(message.int64(at), size) && fits(message.int64(at + 8), message.int64(at));
    if (!isSound) throw new RangeError('the rows of a column have no room');
  }
  for (const at of message.structs(batch, 2, NODE)) {
    const [offset, length] = [message.int64(at), message.int64(at + 8)];
    if (!fits(offset, body) || !fits(length, body - offset)) throw new RangeError('a buffer has no room');
  }
}

function fits(count: number, room: number): boolean {
  return count >= 0 && count <= room;
}

/** A FlatBuffer, in which every position is checked: https://flatbuffers.dev/internals. */
class Metadata {
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get root(): number {
    return this.#view.getUint32(0, true);
  }

  int32(at: number): number {
    return this.#view.getInt32(at, true);
  }

  int64(at: number): number {
    return Number(this.#view.getBigInt64(at, true));
  }

  /** Position of a table's field, 0 if it has none. */
  field(table: number, slot: number): number {
    const names = table - this.int32(table);
    const at = 4 + 2 * slot;
    const offset = at < this.#view.getUint16(names, true) ? this.#view.getUint16(names + at, true) : 0;
    return offset === 0 ? 0 : table + offset;
  }

  byte(table: number, slot: number): number {
    const at = this.field(table, slot);
    return at === 0 ? 0 : this.#view.getUint8(at);
  }

  table(table: number, slot: number): number {
    const at = this.field(table, slot);
    if (at === 0) throw new RangeError('a part of its metadata is missing');
    return at + this.#view.getUint32(at, true);
  }

  vector(table: number, slot: number, elementBytes: number): { at: number; count: number } {
    const field = this.field(table, slot);
    if (field === 0) return { at: 0, count: 0 };
    const start = field + this.#view.getUint32(field, true);
    const count = this.#view.getUint32(start, true);
    if (count * elementBytes > this.#view.byteLength - start - 4) {
      throw new RangeError('a list in its metadata has no room');
    }
    return { at: start + 4, count };
  }

  structs(table: number, slot: number, elementBytes: number): number[] {
    const { at, count } = this.vector(table, slot, elementBytes);
    return Array.from({ length: count }, (_, index) => at + index * elementBytes);
  }

  tables(table: number, slot: number): number[] {
    return this.structs(table, slot, 4).map((at) => at + this.#view.getUint32(at, true));
  }
}
