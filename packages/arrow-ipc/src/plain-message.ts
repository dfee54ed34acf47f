import { DataType, type Field, type Schema } from 'apache-arrow';
import { checkColumnRows, checkMessage } from './check-bounds.ts';
import { type Compression, loadCodec } from './codecs.ts';
import { headerOf, type Message, messageKinds } from './message.ts';
import { compressionType, unpackMessage } from './unpack-message.ts';

/** Limits on what a reader accepts from a file, and a callback for its schema. */
export interface ReadArrowOptions {
  /** Most fields of the schema, including nested ones. Default: 64. */
  readonly maxFields?: number;
  /** Most bytes of a decompressed batch. Default: 1 GiB. */
  readonly maxBatchBytes?: number;
  /**
   * Most bytes of each decompressed buffer of a compressed batch, in order. Default: bounded only by `maxBatchBytes`.
   */
  readonly bufferLimits?: readonly number[];
  /** Called before the first batch. If it throws, reading ends with that error. */
  readonly onSchema?: (schema: Schema) => void;
}

/** The limits of a reader, with defaults filled in. */
export type Limits = Required<Omit<ReadArrowOptions, 'onSchema'>>;

/** The limits of a reader with their defaults. */
export function limitsOf(options: ReadArrowOptions): Limits {
  const { maxFields = 64, maxBatchBytes = 2 ** 30, bufferLimits = [] } = options;
  return { maxFields, maxBatchBytes, bufferLimits };
}

const byType: readonly (Compression | undefined)[] = ['lz4', 'zstd'];

/**
 * Decompresses and checks a record batch or dictionary batch.
 *
 * @param columns - indices of the nodes of top-level columns, from `columnNodes`.
 * @returns its bytes in an uncompressed stream.
 * @throws RangeError if it is damaged or too large.
 */
export async function plainMessage(
  message: Message,
  limits: Limits,
  columns: readonly number[],
): Promise<Uint8Array[]> {
  const { metadata, body } = await unpacked(message, limits);
  const bodyBytes = body.byteLength;
  const { kind } = headerOf(metadata);
  // Each row takes at least one bit in a buffer.
  checkMessage(metadata, { kind, body: bodyBytes }, 8 * bodyBytes);
  checkColumnRows(metadata, kind === messageKinds.batch ? columns : [0]);
  return bodyBytes === 0 ? [framed(metadata)] : [framed(metadata), body];
}

async function unpacked(message: Message, { bufferLimits, maxBatchBytes }: Limits): Promise<Message> {
  const type = compressionType(message.metadata);
  if (type === undefined) return message;
  const name = byType[type];
  if (name === undefined) throw new RangeError('its compression is unknown');
  return unpackMessage(message, await loadCodec(name), bufferLimits, maxBatchBytes);
}

/** Metadata after their prefix: the continuation marker and their length. */
export function framed(metadata: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + metadata.byteLength);
  new Int32Array(bytes.buffer, 0, 2).set([-1, metadata.byteLength]);
  bytes.set(metadata, 8);
  return bytes;
}

/** Indices of the nodes of top-level columns in a batch. Nested fields have their own nodes in between. */
export function columnNodes(fields: readonly Field[]): number[] {
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
