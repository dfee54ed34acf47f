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
 * Reads an Arrow IPC file or stream batch by batch and decompresses LZ4 and Zstandard. One batch is in memory at a
 * time. All counts are checked before the Arrow library sees them, so that no file can keep it busy or exhaust the
 * memory.
 *
 * @param file - not closed.
 * @throws TypeError, RangeError if an option is wrong or misspelt.
 * @throws ArrowError if the file is damaged or has a batch that is too large.
 */
export async function* readArrowBatches<T extends TypeMap>(
  file: FileHandle,
  options: ReadArrowOptions = {},
): AsyncGenerator<RecordBatch<T>> {
  const limits = limitsOf(options);
  try {
    const schema = { columns: [] as number[] };
    const reader = await RecordBatchReader.from<T>(plainStream(file, limits, schema));
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
 * The messages as the bytes of an uncompressed stream.
 *
 * @param schema - its `columns` are set by the caller after it has read the first message.
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
