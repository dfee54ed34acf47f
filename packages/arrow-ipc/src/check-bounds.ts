import { FlatBuffer } from './flat-buffer.ts';
import { headerOf, messageKinds, NODE_BYTES, PREFIX_BYTES, recordBatchOf } from './message.ts';

/** The first and last bytes of an Arrow file. */
export const MAGIC = 'ARROW1';
/** Bytes after the footer: its length as int32, and the magic. */
export const TAIL_BYTES = 10;
/** Bytes of a `Block`. */
const BLOCK_BYTES = 24;
/** Most fields of a schema, including nested ones. Our own files have five. */
const MAX_FIELDS = 64;
/** Most levels of nested fields, because the Arrow library reads them recursively. */
const MAX_DEPTH = 100;
/** Most bytes of a footer. One that lists a million batches has 24 MB. */
const MAX_FOOTER_BYTES = 2 ** 26;

/**
 * Checks that the blocks, fields, rows and buffers that the metadata of an uncompressed Arrow IPC file count fit into
 * the file. The Arrow reader trusts these numbers, so a wrong one would keep it busy or exhaust the memory. A file may
 * have 64 fields at most.
 *
 * Layout: https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format, File.fbs, Message.fbs, Schema.fbs.
 *
 * @param bytes - the whole file.
 * @throws RangeError saying which part does not fit.
 */
export function checkArrowBounds(bytes: Uint8Array): void {
  const magicAt = (from: number): string => String.fromCharCode(...bytes.subarray(from, from + MAGIC.length));
  const size = bytes.byteLength;
  if (size < 4 * MAGIC.length || magicAt(0) !== MAGIC || magicAt(size - MAGIC.length) !== MAGIC) {
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
    // Without a message here, the Arrow reader would look for one in an endless loop.
    const length = checkPrefix(view.getInt32(offset, true), view.getInt32(offset + 4, true), metadata);
    const start = offset + PREFIX_BYTES;
    checkMessage(bytes.subarray(start, start + length), block, size);
  }
}

/** The position of a message in a file. */
export interface Block {
  /** A value of `MessageHeader`. */
  readonly kind: number;
  /** Position of its prefix in the file, in bytes. */
  readonly offset: number;
  /** Bytes of its prefix and metadata. */
  readonly metadata: number;
  /** Bytes of its body. */
  readonly body: number;
}

/** @throws RangeError if a footer of this length does not fit into a file of this size. */
export function checkFooterLength(length: number, size: number): void {
  if (length < 4 || length > size - TAIL_BYTES - MAGIC.length) {
    throw new RangeError('its footer does not fit into it');
  }
  if (length > MAX_FOOTER_BYTES) throw new RangeError(`its footer has more than ${MAX_FOOTER_BYTES} bytes`);
}

/**
 * The dictionary batches and record batches that a footer lists, dictionaries first.
 *
 * @param size - bytes of the file.
 * @throws RangeError if one of them, or their sum, does not fit into the file.
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
    if (!isInside || total > size) throw new RangeError('its record batches do not fit into it');
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
 * Checks the prefix of a message: a continuation marker and the length of its metadata.
 *
 * @param metadata - bytes of the prefix and the metadata according to the footer.
 * @returns bytes of the metadata without the prefix.
 * @throws RangeError if no message starts there.
 */
export function checkPrefix(marker: number, length: number, metadata: number): number {
  if (marker === -1 && length > 0 && length <= metadata - PREFIX_BYTES) return length;
  throw new RangeError('a record batch is not where its footer says');
}

/**
 * Checks a schema's fields and its byte order.
 *
 * @param bytes - the metadata that hold the schema.
 * @param schema - position of its table.
 * @param maxFields - most fields, including nested ones.
 * @throws RangeError if it is big-endian, has too many or too deeply nested fields, or has a vector out of bounds.
 */
export function checkSchema(bytes: FlatBuffer, schema: number, maxFields: number): void {
  bytes.vector(schema, 2, 4);
  const endianness = bytes.field(schema, 0);
  if (endianness !== 0 && bytes.int16(endianness) !== 0) throw new RangeError('it is big-endian');
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
 * Checks a record batch or dictionary batch whose buffers are not compressed.
 *
 * @param expected - the kind and the body's bytes according to the footer.
 * @param maxRows - most rows that the bytes can hold.
 * @throws RangeError if it is another message, or if its rows or buffers do not fit.
 */
export function checkMessage(
  metadata: Uint8Array,
  expected: { readonly kind: number; readonly body: number },
  maxRows: number,
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
  if (rows !== 0 && !isWithin(message.int64(rows), maxRows)) {
    throw new RangeError('a batch has an impossible number of rows');
  }
  for (const at of message.structs(batch, 1, NODE_BYTES)) {
    const [length, nulls] = [message.int64(at), message.int64(at + 8)];
    const isValid = isWithin(length, maxRows) && isWithin(nulls, length);
    if (!isValid) throw new RangeError('a column has an impossible number of rows');
  }
  checkBuffers(message, batch, body);
}

/**
 * Checks that all columns of a batch have as many rows as the batch.
 *
 * @param columns - indices of the nodes that belong to top-level columns.
 * @throws RangeError if a column has more or fewer rows.
 */
export function checkColumnRows(metadata: Uint8Array, columns: readonly number[]): void {
  const message = new FlatBuffer(metadata);
  const batch = recordBatchOf(message);
  const at = message.field(batch, 0);
  const rows = at === 0 ? 0 : message.int64(at);
  const nodes = message.structs(batch, 1, NODE_BYTES);
  const isEqual = columns.every((index) => {
    const node = nodes[index];
    return node !== undefined && message.int64(node) === rows;
  });
  if (!isEqual) throw new RangeError('a batch and its columns differ in their number of rows');
}

/** @throws RangeError if a buffer of a batch is not within the `body` bytes of its message. */
export function checkBuffers(message: FlatBuffer, batch: number, body: number): void {
  for (const at of message.structs(batch, 2, NODE_BYTES)) {
    const [offset, length] = [message.int64(at), message.int64(at + 8)];
    if (!isWithin(offset, body) || !isWithin(length, body - offset)) {
      throw new RangeError('a buffer does not fit into its batch');
    }
  }
}

function isWithin(count: number, most: number): boolean {
  return count >= 0 && count <= most;
}
