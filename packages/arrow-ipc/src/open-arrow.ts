import type { FileHandle } from 'node:fs/promises';
import { type RecordBatch, RecordBatchReader, type Schema, type TypeMap } from 'apache-arrow';
import { asArrowError } from './arrow-error.ts';
import { columnNodes, framed, limitsOf, plainMessage, type ReadArrowOptions } from './plain-message.ts';
import { openMessages } from './read-messages.ts';

/** An Arrow IPC file whose record batches can be read in any order. */
export interface ArrowFile<T extends TypeMap> {
  readonly schema: Schema<T>;
  /** Number of record batches. */
  readonly batches: number;
  /**
   * Reads one record batch. Several reads may be in progress.
   *
   * @param index - 0 to `batches` − 1.
   * @throws ArrowError if the batch does not exist, is damaged or is too large.
   */
  read(index: number): Promise<RecordBatch<T>>;
}

/**
 * Opens an Arrow IPC file for reading its batches in any order, with the checks of `readArrowBatches`. Reads the schema
 * and all dictionaries.
 *
 * @param file - not closed.
 * @throws ArrowError if the file is damaged, or is a stream, which has no index of its batches.
 */
export async function openArrow<T extends TypeMap>(
  file: FileHandle,
  options: ReadArrowOptions = {},
): Promise<ArrowFile<T>> {
  const limits = limitsOf(options);
  try {
    const messages = await openMessages(file, limits);
    const start = [framed(messages.schema.metadata)];
    for (const block of messages.dictionaries) {
      start.push(...(await plainMessage(await messages.read(block), limits, [])));
    }
    const { schema } = RecordBatchReader.from<T>(start).open();
    options.onSchema?.(schema);
    const columns = columnNodes(schema.fields);
    const decode = async (index: number): Promise<RecordBatch<T>> => {
      const block = messages.batches[index];
      if (block === undefined) throw new RangeError(`it has no record batch ${index}`);
      const plain = await plainMessage(await messages.read(block), limits, columns);
      return RecordBatchReader.from<T>([...start, ...plain]).next().value;
    };
    const read: ArrowFile<T>['read'] = (index) =>
      decode(index).catch((error: unknown) => {
        throw asArrowError(error);
      });
    return { schema, batches: messages.batches.length, read };
  } catch (error) {
    throw asArrowError(error);
  }
}
