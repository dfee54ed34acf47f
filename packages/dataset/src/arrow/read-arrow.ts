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
import {
  checkBatch,
  type FileMessages,
  framed,
  type Message,
  openMessages,
  streamMessages,
} from './messages.ts';

/** A damaged Arrow file or stream. The message completes a sentence about it, such as `it is cut short`. */
export class ArrowError extends Error {
  override readonly name = 'ArrowError';
}

/** An Arrow IPC file whose record batches can be read in any order. */
export interface ArrowFile<T extends TypeMap> {
  readonly schema: Schema<T>;
  readonly batches: number;
  /**
   * Several reads may be in progress.
   * @param index - 0 to `batches` − 1.
   * @throws ArrowError if the batch does not exist or is damaged.
   */
  read(index: number): Promise<RecordBatch<T>>;
}

const MAX_FIELDS = 64;

/**
 * Opens an Arrow IPC file without dictionaries, such as our own, for reading its batches in any order.
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
    const found = await openMessages(file, maxFields);
    const messages = found ? messagesOf(found) : streamMessages(file, maxFields);
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

/** Dictionaries before record batches. */
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
