import type { FileHandle } from 'node:fs/promises';
import {
  type Block,
  blocksOf,
  checkFooterLength,
  checkPrefix,
  checkSchema,
  MAGIC,
  TAIL_BYTES,
} from './check-bounds.ts';
import { FlatBuffer } from './flat-buffer.ts';
import { headerOf, type Message, messageKinds, PREFIX_BYTES } from './message.ts';

interface Limits {
  readonly maxFields: number;
  readonly maxBatchBytes: number;
}

/**
 * The messages of an Arrow IPC file or stream: the schema first, then the batches. A file's dictionaries come before
 * all of its record batches; a stream's come in its order.
 *
 * @throws RangeError if a message does not fit into the file, or if the end is missing.
 */
export async function* readMessages(file: FileHandle, limits: Limits): AsyncGenerator<Message> {
  const { size } = await file.stat();
  const source: Source = { file, size, limits };
  const isFile = size >= MAGIC.length && (await textAt(source, 0)) === MAGIC;
  yield* isFile ? fileMessages(source) : streamMessages(source);
}

interface Source {
  readonly file: FileHandle;
  readonly size: number;
  readonly limits: Limits;
}

/** The messages of an Arrow IPC file: its schema, and the positions of the others. */
export interface FileMessages {
  readonly schema: Message;
  readonly dictionaries: readonly Block[];
  readonly batches: readonly Block[];
  /** @throws RangeError if the message differs from the footer's entry. */
  read(block: Block): Promise<Message>;
}

/**
 * Reads the footer of an Arrow IPC file.
 *
 * @throws RangeError if its messages do not fit into the file, or if it does not list all of them.
 */
export async function openMessages(file: FileHandle, limits: Limits): Promise<FileMessages> {
  const { size } = await file.stat();
  const source: Source = { file, size, limits };
  if (size < MAGIC.length || (await textAt(source, 0)) !== MAGIC) {
    throw new RangeError('it does not start as an Arrow file');
  }
  return readFooter(source);
}

async function* fileMessages(source: Source): AsyncGenerator<Message> {
  const { schema, dictionaries, batches, read } = await readFooter(source);
  yield schema;
  for (const block of [...dictionaries, ...batches]) yield await read(block);
}

async function readFooter(source: Source): Promise<FileMessages> {
  const { size, limits } = source;
  const end = size - TAIL_BYTES;
  if (size < 4 * MAGIC.length || (await textAt(source, size - MAGIC.length)) !== MAGIC) {
    throw new RangeError('it does not end as an Arrow file');
  }
  const [length = 0] = await int32sAt(source, end, 1);
  checkFooterLength(length, size);
  const footerBytes = await bytesAt(source, end - length, length);
  const footer = new FlatBuffer(footerBytes);
  const schema = footer.table(footer.root, 1);
  checkSchema(footer, schema, limits.maxFields);
  const blocks = blocksOf(footer, size);
  await checkCovered(source, blocks, end - length);
  return {
    schema: { metadata: schemaMessage(footerBytes, schema), body: none },
    dictionaries: blocks.filter(({ kind }) => kind === messageKinds.dictionary),
    batches: blocks.filter(({ kind }) => kind === messageKinds.batch),
    read: (block) => readBlock(source, block),
  };
}

async function readBlock(source: Source, { kind, offset, metadata, body }: Block): Promise<Message> {
  const [marker = 0, length = 0] = await int32sAt(source, offset, 2);
  checkPrefix(marker, length, metadata);
  const header = await bytesAt(source, offset + PREFIX_BYTES, length);
  const found = headerOf(header);
  if (found.kind !== kind || found.body !== body) {
    throw new RangeError('a record batch is not where its footer says');
  }
  return { metadata: header, body: await bodyAt(source, offset + metadata, body) };
}

/** Checks that a footer lists all batches: together they must cover the file up to the footer. */
async function checkCovered(source: Source, blocks: readonly Block[], footerStart: number): Promise<void> {
  let at = MAGIC.length + 2;
  const inOrder = blocks.toSorted((a, b) => a.offset - b.offset);
  // Most libraries also write the schema at the start, and an end-of-stream marker after the last batch.
  if (inOrder[0]?.offset !== at && footerStart - at >= PREFIX_BYTES) {
    const [marker = 0, length = 0] = await int32sAt(source, at, 2);
    if (marker === -1 && length > 0) at += PREFIX_BYTES + length;
  }
  for (const { offset, metadata, body } of inOrder) {
    if (offset !== at) throw new RangeError('its footer does not list all of its batches');
    at += metadata + body;
  }
  if (at === footerStart || at + PREFIX_BYTES === footerStart) return;
  throw new RangeError('its footer does not list all of its batches');
}

async function* streamMessages(source: Source): AsyncGenerator<Message> {
  let at = 0;
  for (let isFirst = true; ; isFirst = false) {
    const [marker, length = 0] = await int32sAt(source, at, 2);
    if (marker !== -1 || length < 0)
      throw new RangeError('a message does not start where the previous one ends');
    at += PREFIX_BYTES;
    if (length === 0) break;
    const metadata = await bytesAt(source, at, length);
    const { kind, body } = headerOf(metadata);
    if ((kind === messageKinds.schema) !== isFirst)
      throw new RangeError('its first message is not its only schema');
    if (isFirst) {
      const bytes = new FlatBuffer(metadata);
      checkSchema(bytes, bytes.table(bytes.root, 2), source.limits.maxFields);
    }
    at += length;
    yield { metadata, body: await bodyAt(source, at, body) };
    at += body;
  }
  if (at !== source.size) throw new RangeError('it continues after its end');
}

const none = new Uint8Array(0);

/** Bytes of the `Message` table that is written before a footer. */
const WRAP_BYTES = 32;

/**
 * Makes a schema message of a footer, because the files of some libraries have their schema nowhere else. The message
 * is a `Message` table that points to the schema within a copy of the footer. Offsets in a FlatBuffer are relative, so
 * the copy needs no change.
 */
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
  view.setInt16(table + 8, at === 0 ? 0 : version.int16(at), true);
  view.setUint8(table + 10, messageKinds.schema);
  bytes.set(footer, WRAP_BYTES);
  return bytes;
}

async function bodyAt(source: Source, position: number, bytes: number): Promise<Uint8Array> {
  const { maxBatchBytes } = source.limits;
  if (bytes > maxBatchBytes) {
    throw new RangeError(`a record batch has ${bytes} bytes, more than ${maxBatchBytes}`);
  }
  return bytesAt(source, position, bytes);
}

async function textAt(source: Source, position: number): Promise<string> {
  return String.fromCharCode(...(await bytesAt(source, position, MAGIC.length)));
}

async function int32sAt(source: Source, position: number, count: number): Promise<number[]> {
  const { buffer } = await bytesAt(source, position, 4 * count);
  return [...new Int32Array(buffer)];
}

/** Reads bytes of a file. @returns a new array that spans its whole buffer. */
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
