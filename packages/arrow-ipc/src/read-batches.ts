import type { FileHandle } from 'node:fs/promises';
import { type RecordBatch, RecordBatchReader, type TypeMap } from 'apache-arrow';
import { asArrowError } from './arrow-error.ts';
import { headerOf, messageKinds } from './message.ts';
import {
  columnNodes,
  framed,
  type Limits,
  limitsOf,
  plainMessage,
  type ReadArrowOptions,
} from './plain-message.ts';
import { readMessages } from './read-messages.ts';

/**
 * Reads an Arrow IPC file or stream batch by batch, with LZ4 and Zstandard unpacked. One batch is in memory at a time.
 * All counts are checked before the Arrow library sees them, so that no file keeps it busy or fills the memory.
 *
 * @param file - stays open.
 * @throws ArrowError if the file is damaged or too large a batch is in it.
 */
export async function* readArrowBatches<T extends TypeMap>(
  file: FileHandle,
  options: ReadArrowOptions = {},
): AsyncGenerator<RecordBatch<T>> {
  try {
    const schema = { columns: [] as number[] };
    const reader = await RecordBatchReader.from<T>(plainStream(file, limitsOf(options), schema));
    await reader.open();
    if (reader.schema === undefined) throw new RangeError('it has no schema');
    schema.columns = columnNodes(reader.schema.fields);
    options.onSchema?.(reader.schema);
    for await (const batch of reader) yield batch;
  } catch (error) {
    throw asArrowError(error);
  }
}

/**
 * The messages as a stream of bytes that nothing is packed in.
 *
 * @param schema - filled by its reader after the first message.
 */
async function* plainStream(
  file: FileHandle,
  limits: Limits,
  schema: { readonly columns: readonly number[] },
): AsyncGenerator<Uint8Array> {
  for await (const message of readMessages(file, limits)) {
    const isSchema = headerOf(message.metadata).kind === messageKinds.schema;
    if (isSchema) yield framed(message.metadata);
    else yield* await plainMessage(message, limits, schema.columns);
  }
}
