import type { FileHandle } from 'node:fs/promises';
import { type RecordBatch, RecordBatchReader, type Schema, type TypeMap } from 'apache-arrow';
import { asArrowError } from './arrow-error.ts';
import { columnNodes, framed, limitsOf, plainMessage, type ReadArrowOptions } from './plain-message.ts';
import { openMessages } from './read-messages.ts';

/** An Arrow IPC file whose record batches are read by number. */
export interface ArrowFile<T extends TypeMap> {
  readonly schema: Schema<T>;
  /** Number of record batches. */
  readonly batches: number;
  /**
   * Reads a record batch; others may be read meanwhile.
   *
   * @throws ArrowError if it is damaged or too large.
   */
  read(index: number): Promise<RecordBatch<T>>;
}

/**
 * Looks into an Arrow IPC file, whose batches are then read as by `readArrowBatches`, in any order.
 *
 * @param file - stays open.
 * @throws ArrowError if the file is damaged.
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
