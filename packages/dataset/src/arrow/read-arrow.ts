import type { FileHandle } from 'node:fs/promises';
import {
  DataType,
  type Field,
  type RecordBatch,
  RecordBatchReader,
  type Schema,
  type TypeMap,
} from 'apache-arrow';
import { loadDecoder } from './codecs.ts';

/** A damaged Arrow file or stream. */
export class ArrowError extends Error {
  override readonly name = 'ArrowError';
}

/** An Arrow IPC file whose record batches can be read in any order. */
export interface ArrowFile<T extends TypeMap> {
  readonly schema: Schema<T>;
  readonly batches: number;
  /** Several reads may be in progress. @throws ArrowError if the batch does not exist or is damaged. */
  read(index: number): Promise<RecordBatch<T>>;
}

const MAX_FIELDS = 64;

/**
 * Opens an Arrow IPC file without dictionaries, such as our own.
 * @param file - not closed.
 * @throws ArrowError if the file is damaged, or is a stream, which has no index of its batches.
 */
export async function openArrow<T extends TypeMap>(file: FileHandle): Promise<ArrowFile<T>> {
  try {
    const messages = await openMessages(file, MAX_FIELDS);
    if (messages === undefined) throw new RangeError('it does not start as an Arrow file');
    const start = framed(messages.schema.metadata);
    const { schema } = RecordBatchReader.from<T>([start]).open();
    const columns = columnNodes(schema.fields);
    const read = async (index: number): Promise<RecordBatch<T>> => {
      try {
        const block = messages.batches[index];
        if (block === undefined) throw new RangeError(`it has no record batch ${index}`);
        const parts = await checkedParts(await messages.read(block), columns);
        return RecordBatchReader.from<T>([start, ...parts]).next().value;
      } catch (error) {
        throw asArrowError(error);
      }
    };
    return { schema, batches: messages.batches.length, read };
  } catch (error) {
    throw asArrowError(error);
  }
}

/**
 * Reads an Arrow IPC file or stream batch by batch and decompresses LZ4 and Zstandard. One batch is in memory at a
 * time.
 * @param file - not closed.
 * @param options - `maxFields`: most fields of the schema, including nested ones. `onSchema`: called before the
 * first batch; if it throws, reading ends with that error.
 * @throws ArrowError if the file is damaged or has a batch of more than 1 GiB.
 */
export async function* readArrowBatches<T extends TypeMap>(
  file: FileHandle,
  { maxFields, onSchema }: { readonly maxFields: number; readonly onSchema?: (schema: Schema) => void },
): AsyncGenerator<RecordBatch<T>> {
  let columns: readonly number[] = [];
  async function* stream(): AsyncGenerator<Uint8Array> {
    const footer = await openMessages(file, maxFields);
    const messages = footer ? messagesOf(footer) : streamMessages(file, maxFields);
    const { value: schema } = await messages.next();
    if (schema) yield framed(schema.metadata);
    for await (const message of messages) yield* await checkedParts(message, columns);
  }
  try {
    const reader = await RecordBatchReader.from<T>(stream());
    await reader.open();
    if (reader.schema === undefined) throw new RangeError('it has no schema');
    columns = columnNodes(reader.schema.fields);
    onSchema?.(reader.schema);
    for await (const batch of reader) yield batch;
  } catch (error) {
    throw asArrowError(error);
  }
}

async function* messagesOf({ schema, dictionaries, batches, read }: FileMessages): AsyncGenerator<Message> {
  yield schema;
  for (const block of [...dictionaries, ...batches]) yield await read(block);
}

/** @returns the bytes of a batch in a stream, which the Arrow library can decompress. */
async function checkedParts(message: Message, columns: readonly number[]): Promise<Uint8Array[]> {
  const compression = checkBatch(message, columns);
  if (compression !== undefined) await loadDecoder(compression);
  const metadata = framed(message.metadata);
  return message.body.byteLength === 0 ? [metadata] : [metadata, message.body];
}

/** Nested fields have their own nodes in between. */
function columnNodes(fields: readonly Field[]): number[] {
  const nodesOf = ({ type }: Field): number =>
    DataType.isDictionary(type)
      ? 1
      : (type.children ?? []).reduce((sum: number, child: Field) => sum + nodesOf(child), 1);
  let next = 0;
  return fields.map((field) => {
    const at = next;
    next += nodesOf(field);
    return at;
  });
}

/** Errors of the system, which have a `code`, and of failed allocations are returned unchanged. */
function asArrowError(error: unknown): unknown {
  if (error instanceof ArrowError || !(error instanceof Error)) return error;
  if ('code' in error || /allocation failed/i.test(error.message)) return error;
  if (error instanceof RangeError) return new ArrowError(error.message, { cause: error });
  const isLibrary = error instanceof TypeError || error.constructor === Error || error instanceof SyntaxError;
  return isLibrary ? new ArrowError('it cannot be decoded', { cause: error }) : error;
}

// Layout: https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format, File.fbs, Message.fbs, Schema.fbs.
const MAGIC = 'ARROW1';
/** Bytes after the footer: its length as int32, and the magic. */
const TAIL_BYTES = 10;
/** Bytes before a message: the continuation marker and the length of its metadata. */
const PREFIX_BYTES = 8;
/** Bytes of an offset in a FlatBuffer, of a `Block`, and of a `FieldNode` or `Buffer`. */
const [OFFSET_BYTES, BLOCK_BYTES, NODE_BYTES] = [4, 24, 16];
const MAX_BODY_BYTES = 2 ** 30;
const kinds = { schema: 1, dictionary: 2, batch: 3 } as const;

/** The receiver owns the bytes. */
interface Message {
  readonly metadata: Uint8Array;
  readonly body: Uint8Array;
}

interface Source {
  readonly file: FileHandle;
  readonly size: number;
}

interface FileMessages {
  readonly schema: Message;
  readonly dictionaries: readonly Block[];
  readonly batches: readonly Block[];
  /** @throws RangeError if the message differs from the footer's entry. */
  readonly read: (block: Block) => Promise<Message>;
}

/** @returns undefined if the file does not start as one of Arrow IPC. */
async function openMessages(file: FileHandle, maxFields: number): Promise<FileMessages | undefined> {
  const { size } = await file.stat();
  const source = { file, size };
  if (size < MAGIC.length || (await textAt(source, 0)) !== MAGIC) return undefined;
  const end = size - TAIL_BYTES;
  if (size < 4 * MAGIC.length || (await textAt(source, size - MAGIC.length)) !== MAGIC) {
    throw new RangeError('it does not end as an Arrow file');
  }
  const [length = 0] = await int32sAt(source, end, 1);
  if (length < 4 || length > end - MAGIC.length) throw new RangeError('its footer does not fit into it');
  const footer = await bytesAt(source, end - length, length);
  const view = new FlatBuffer(footer);
  const schema = view.table(view.root, 1);
  checkSchema(view, schema, maxFields);
  const [dictionaries, batches] = [blocksIn(view, kinds.dictionary), blocksIn(view, kinds.batch)];
  await checkCovered(source, [...dictionaries, ...batches], end - length);
  return {
    schema: { metadata: schemaMessage(footer, schema), body: new Uint8Array(0) },
    dictionaries,
    batches,
    read: (block) => readBlock(source, block),
  };
}

/** The schema first, then dictionaries and batches in their order. */
async function* streamMessages(file: FileHandle, maxFields: number): AsyncGenerator<Message> {
  const { size } = await file.stat();
  const source = { file, size };
  let at = 0;
  for (let isFirst = true; ; isFirst = false) {
    const [marker, length = 0] = await int32sAt(source, at, 2);
    if (marker !== -1 || length < 0)
      throw new RangeError('a message does not start where the previous one ends');
    at += PREFIX_BYTES;
    if (length === 0) break;
    const metadata = await bytesAt(source, at, length);
    const { kind, body } = headerOf(metadata);
    if ((kind === kinds.schema) !== isFirst) throw new RangeError('its first message is not its only schema');
    if (isFirst) {
      const view = new FlatBuffer(metadata);
      checkSchema(view, view.table(view.root, 2), maxFields);
    }
    at += length;
    yield { metadata, body: await bodyAt(source, at, body) };
    at += body;
  }
  if (at !== size) throw new RangeError('it continues after its end');
}

/**
 * A wrong count could keep the Arrow library busy or exhaust the memory.
 * @param columns - nodes of top-level columns.
 * @returns the `CompressionType` of the buffers, undefined if they are not compressed.
 */
function checkBatch({ metadata, body }: Message, columns: readonly number[]): number | undefined {
  const view = new FlatBuffer(metadata);
  const isDictionary = view.byte(view.root, 1) === kinds.dictionary;
  const header = view.table(view.root, 2);
  const batch = isDictionary ? view.table(header, 1) : header;
  view.tables(view.root, 4);
  view.structs(batch, 4, 8);
  for (const at of view.structs(batch, 2, NODE_BYTES)) {
    const [offset, length] = [view.int64(at), view.int64(at + 8)];
    if (offset < 0 || length < 0 || offset + length > body.byteLength)
      throw new RangeError('a buffer does not fit into its batch');
  }
  const [rows, nodes] = [view.long(batch, 0), view.structs(batch, 1, NODE_BYTES)];
  const isEqual = (isDictionary ? [0] : columns).every((index) => {
    const node = nodes[index];
    return node !== undefined && view.int64(node) === rows;
  });
  if (!isEqual) throw new RangeError('a batch and its columns differ in their number of rows');
  if (view.field(batch, 3) === 0) return undefined;
  const compression = view.table(batch, 3);
  // The only method is to compress each buffer.
  return view.byte(compression, 1) === 0 ? view.byte(compression, 0) : -1;
}

function framed(metadata: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(PREFIX_BYTES + metadata.byteLength);
  new Int32Array(bytes.buffer, 0, 2).set([-1, metadata.byteLength]);
  bytes.set(metadata, PREFIX_BYTES);
  return bytes;
}

interface Block {
  readonly kind: number;
  readonly offset: number;
  readonly metadata: number;
  readonly body: number;
}

/** A footer has dictionaries and batches in the slots of their kinds. */
function blocksIn(footer: FlatBuffer, kind: number): Block[] {
  return footer.structs(footer.root, kind, BLOCK_BYTES).map((at) => ({
    kind,
    offset: footer.int64(at),
    metadata: footer.view.getInt32(at + 8, true),
    body: footer.int64(at + 16),
  }));
}

/** A footer must list all batches: together they must cover the file up to the footer. */
async function checkCovered(source: Source, blocks: readonly Block[], footerStart: number): Promise<void> {
  let at = MAGIC.length + 2;
  const inOrder = blocks.toSorted((a, b) => a.offset - b.offset);
  // Most libraries also write the schema at the start, and an end-of-stream marker after the last batch.
  if (inOrder[0]?.offset !== at && footerStart - at >= PREFIX_BYTES) {
    const [marker = 0, length = 0] = await int32sAt(source, at, 2);
    if (marker === -1 && length > 0) at += PREFIX_BYTES + length;
  }
  for (const { offset, metadata, body } of inOrder) {
    if (offset !== at || metadata <= PREFIX_BYTES || body < 0) at = Number.NaN;
    at += metadata + body;
  }
  if (at === footerStart || at + PREFIX_BYTES === footerStart) return;
  throw new RangeError('its footer does not list all of its batches');
}

async function readBlock(source: Source, block: Block): Promise<Message> {
  const [marker = 0, length = 0] = await int32sAt(source, block.offset, 2);
  const isFramed = marker === -1 && length > 0 && length <= block.metadata - PREFIX_BYTES;
  const metadata = await bytesAt(source, block.offset + PREFIX_BYTES, isFramed ? length : 0);
  const header = isFramed ? headerOf(metadata) : undefined;
  if (header?.kind !== block.kind || header.body !== block.body) {
    throw new RangeError('a record batch is not where its footer says');
  }
  return { metadata, body: await bodyAt(source, block.offset + block.metadata, block.body) };
}

function headerOf(metadata: Uint8Array): { readonly kind: number; readonly body: number } {
  const message = new FlatBuffer(metadata);
  return { kind: message.byte(message.root, 1), body: message.long(message.root, 3) };
}

/** @throws RangeError if a schema is big-endian, has too many fields, or has a vector out of bounds. */
function checkSchema(view: FlatBuffer, schema: number, maxFields: number): void {
  view.tables(schema, 2);
  const endianness = view.field(schema, 0);
  if (endianness !== 0 && view.view.getInt16(endianness, true) !== 0)
    throw new RangeError('it is big-endian');
  const fields = view.tables(schema, 1);
  // The list grows by the children of its fields.
  for (const field of fields) {
    view.tables(field, 6);
    fields.push(...view.tables(field, 5));
    if (fields.length > maxFields) throw new RangeError(`its schema has more than ${maxFields} fields`);
  }
}

/** Bytes of the `Message` table that is written before a footer. */
const WRAP_BYTES = 32;

/** Some libraries write their schema only in the footer: a `Message` table that points to the schema in a copy of it. */
function schemaMessage(footer: Uint8Array, schema: number): Uint8Array {
  const bytes = new Uint8Array(WRAP_BYTES + Math.ceil(footer.byteLength / 8) * 8);
  const view = new DataView(bytes.buffer);
  const [vtable, table] = [4, 16];
  view.setUint32(0, table, true);
  // The vtable: its size, the table's size, and the offsets of version, kind and header in the table.
  for (const [index, value] of [10, 12, 8, 10, 4].entries()) view.setUint16(vtable + 2 * index, value, true);
  view.setInt32(table, table - vtable, true);
  view.setUint32(table + 4, WRAP_BYTES + schema - (table + 4), true);
  const version = new FlatBuffer(footer);
  const at = version.field(version.root, 0);
  view.setInt16(table + 8, at === 0 ? 0 : version.view.getInt16(at, true), true);
  view.setUint8(table + 10, kinds.schema);
  bytes.set(footer, WRAP_BYTES);
  return bytes;
}

async function bodyAt(source: Source, position: number, bytes: number): Promise<Uint8Array> {
  if (bytes > MAX_BODY_BYTES)
    throw new RangeError(`a record batch has ${bytes} bytes, more than ${MAX_BODY_BYTES}`);
  return bytesAt(source, position, bytes);
}

async function textAt(source: Source, position: number): Promise<string> {
  return String.fromCharCode(...(await bytesAt(source, position, MAGIC.length)));
}

async function int32sAt(source: Source, position: number, count: number): Promise<number[]> {
  const { buffer } = await bytesAt(source, position, 4 * count);
  return [...new Int32Array(buffer)];
}

/** @returns a new array that spans its whole buffer. */
async function bytesAt({ file, size }: Source, position: number, bytes: number): Promise<Uint8Array> {
  if (bytes < 0 || position < 0 || bytes > size - position) throw new RangeError('it is cut short');
  const buffer = new Uint8Array(bytes);
  for (let done = 0; done < bytes; ) {
    const { bytesRead } = await file.read(buffer, done, bytes - done, position + done);
    if (bytesRead === 0) throw new RangeError('it is cut short');
    done += bytesRead;
  }
  return buffer;
}

/**
 * A view of a FlatBuffer (https://flatbuffers.dev/internals). Slots are indices of a table's fields. Methods throw RangeError
 * for a position outside of the bytes.
 */
class FlatBuffer {
  readonly view: DataView;

  /** @param bytes - kept, not copied. */
  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get root(): number {
    return this.view.getUint32(0, true);
  }

  int64(at: number): number {
    return Number(this.view.getBigInt64(at, true));
  }

  /** 0 if the table does not have the field. */
  field(table: number, slot: number): number {
    const vtable = table - this.view.getInt32(table, true);
    const at = 4 + 2 * slot;
    const offset = at < this.view.getUint16(vtable, true) ? this.view.getUint16(vtable + at, true) : 0;
    return offset === 0 ? 0 : table + offset;
  }

  byte(table: number, slot: number): number {
    const at = this.field(table, slot);
    return at === 0 ? 0 : this.view.getUint8(at);
  }

  /** Reads an integer of 64 bits; 0 if the table does not have the field. */
  long(table: number, slot: number): number {
    const at = this.field(table, slot);
    return at === 0 ? 0 : this.int64(at);
  }

  table(table: number, slot: number): number {
    const at = this.field(table, slot);
    if (at === 0) throw new RangeError('a table in its metadata is missing');
    return at + this.view.getUint32(at, true);
  }

  structs(table: number, slot: number, elementBytes: number): number[] {
    const field = this.field(table, slot);
    if (field === 0) return [];
    const start = field + this.view.getUint32(field, true);
    const count = this.view.getUint32(start, true);
    if (count * elementBytes > this.view.byteLength - start - OFFSET_BYTES) {
      throw new RangeError('a vector in its metadata is out of bounds');
    }
    return Array.from({ length: count }, (_, index) => start + OFFSET_BYTES + index * elementBytes);
  }

  tables(table: number, slot: number): number[] {
    return this.structs(table, slot, OFFSET_BYTES).map((at) => at + this.view.getUint32(at, true));
  }
}
