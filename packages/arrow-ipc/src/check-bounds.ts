import { FlatBuffer } from './flat-buffer.ts';
import { headerOf, messageKinds, NODE_BYTES, PREFIX_BYTES, recordBatchOf } from './message.ts';

/** The first and last bytes of an Arrow file. */
export const MAGIC = 'ARROW1';
/** Footer, its length as int32, magic. */
export const TAIL_BYTES = 10;
/** Bytes of a `Block`. */
const BLOCK_BYTES = 24;
/** Fields of a schema, nested ones included: those of our files have five. */
const MAX_FIELDS = 64;
/** The Arrow library reads a field within a field by calling itself. */
const MAX_DEPTH = 100;
/** What lists the batches of a file: of a million batches, 24 MB. */
const MAX_FOOTER_BYTES = 2 ** 26;

/**
 * Checks that what the metadata of an Arrow IPC file counts has room in the file: blocks, fields, rows, buffers. The
 * Arrow reader believes each of these numbers, and a wrong one would keep it busy or fill the memory. The file must
 * not be compressed and have 64 fields at most.
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
  const end = size - TAIL_BYTES;
  const length = view.getInt32(end, true);
  checkFooterLength(length, size);
  const footer = new FlatBuffer(bytes.subarray(end - length, end));
  checkSchema(footer, footer.table(footer.root, 1), MAX_FIELDS);
  for (const block of blocksOf(footer, size)) {
    const { offset, metadata } = block;
    // The reader would look for a message of the right kind at this place again and again.
    const length = checkPrefix(view.getInt32(offset, true), view.getInt32(offset + 4, true), metadata);
    const start = offset + PREFIX_BYTES;
    checkMessage(bytes.subarray(start, start + length), block, size);
  }
}

/** Where a message lies, in bytes, and of which kind it is. */
export interface Block {
  readonly kind: number;
  readonly offset: number;
  readonly metadata: number;
  readonly body: number;
}

/** @throws RangeError if a footer of this length does not fit a file of this size. */
export function checkFooterLength(length: number, size: number): void {
  if (length < 4 || length > size - TAIL_BYTES - MAGIC.length) throw new RangeError('its footer has no room');
  if (length > MAX_FOOTER_BYTES) throw new RangeError(`its footer has more than ${MAX_FOOTER_BYTES} bytes`);
}

/**
 * The dictionary batches and record batches that a footer lists, dictionaries first.
 *
 * @throws RangeError if together they are larger than the file.
 */
export function blocksOf(footer: FlatBuffer, size: number): Block[] {
  const blocks = [
    ...blocksIn(footer, 2, messageKinds.dictionary),
    ...blocksIn(footer, 3, messageKinds.batch),
  ];
  const end = size - TAIL_BYTES;
  let total = 0;
  for (const { offset, metadata, body } of blocks) {
    total += metadata + body;
    const isInside = offset >= 0 && metadata > PREFIX_BYTES && body >= 0 && offset + metadata + body <= end;
    if (!isInside || total > size) throw new RangeError('its record batches have no room');
  }
  return blocks;
}

function blocksIn(footer: FlatBuffer, slot: number, kind: number): Block[] {
  return footer.structs(footer.root, slot, BLOCK_BYTES).map((at) => ({
    kind,
    offset: footer.int64(at),
    metadata: footer.int32(at + 8),
    body: footer.int64(at + 16),
  }));
}

/**
 * Checks the eight bytes in front of a message.
 *
 * @param metadata - bytes of the prefix and the message, as the footer says.
 * @returns bytes of the message alone.
 * @throws RangeError if there is no message.
 */
export function checkPrefix(marker: number, length: number, metadata: number): number {
  if (marker === -1 && length > 0 && length <= metadata - PREFIX_BYTES) return length;
  throw new RangeError('a record batch is not where its footer says');
}

/** @throws RangeError if it has too many fields, or too deep ones, or lists without room. */
export function checkSchema(bytes: FlatBuffer, schema: number, maxFields: number): void {
  bytes.vector(schema, 2, 4);
  const endianness = bytes.field(schema, 0);
  if (endianness !== 0 && bytes.int16(endianness) !== 0) throw new RangeError('its numbers are big-endian');
  let fields = 0;
  const fieldsIn = (table: number, slot: number): number[] => {
    fields += bytes.vector(table, slot, 4).count;
    if (fields > maxFields) throw new RangeError(`its schema has more than ${maxFields} fields`);
    return bytes.tables(table, slot);
  };
  let level = fieldsIn(schema, 1);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw new RangeError(`its schema is nested more than ${MAX_DEPTH} deep`);
    for (const field of level) bytes.vector(field, 6, 4);
    level = level.flatMap((field) => fieldsIn(field, 5));
  }
}

/**
 * Checks a record batch or dictionary batch whose buffers are plain.
 *
 * @param room - more rows than this are not believed.
 * @throws RangeError if it is another message than `expected`, or its rows or buffers have no room.
 */
export function checkMessage(
  metadata: Uint8Array,
  expected: { readonly kind: number; readonly body: number },
  room: number,
): void {
  const { kind, body } = headerOf(metadata);
  if (kind !== expected.kind || body !== expected.body) {
    throw new RangeError('a record batch is not where its footer says');
  }
  const message = new FlatBuffer(metadata);
  const batch = recordBatchOf(message);
  message.vector(message.root, 4, 4);
  message.vector(batch, 4, 8);
  const rows = message.field(batch, 0);
  if (rows !== 0 && !fits(message.int64(rows), room)) {
    throw new RangeError('the rows of a batch have no room');
  }
  for (const at of message.structs(batch, 1, NODE_BYTES)) {
    const isSound = fits(message.int64(at), room) && fits(message.int64(at + 8), message.int64(at));
    if (!isSound) throw new RangeError('the rows of a column have no room');
  }
  checkBuffers(message, batch, body);
}

/**
 * @param columns - which nodes are those of columns.
 * @throws RangeError if one of them has other rows than the batch.
 */
export function checkColumnRows(metadata: Uint8Array, columns: readonly number[]): void {
  const message = new FlatBuffer(metadata);
  const batch = recordBatchOf(message);
  const at = message.field(batch, 0);
  const rows = at === 0 ? 0 : message.int64(at);
  const nodes = message.structs(batch, 1, NODE_BYTES);
  const isWhole = columns.every((index) => {
    const node = nodes[index];
    return node !== undefined && message.int64(node) === rows;
  });
  if (!isWhole) throw new RangeError('the columns of a batch have other rows than it says');
}

/** @throws RangeError if a buffer is not within the body of its message. */
export function checkBuffers(message: FlatBuffer, batch: number, body: number): void {
  for (const at of message.structs(batch, 2, NODE_BYTES)) {
    const [offset, length] = [message.int64(at), message.int64(at + 8)];
    if (!fits(offset, body) || !fits(length, body - offset)) throw new RangeError('a buffer has no room');
  }
}

function fits(count: number, room: number): boolean {
  return count >= 0 && count <= room;
}
