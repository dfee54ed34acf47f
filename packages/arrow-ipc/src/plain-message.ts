import { DataType, type Field, type Schema } from 'apache-arrow';
import { checkColumnRows, checkMessage } from './check-bounds.ts';
import { type Compression, loadCodec } from './codecs.ts';
import { headerOf, type Message, messageKinds } from './message.ts';
import { compressionType, unpackMessage } from './unpack-message.ts';

/** What is believed of a file, and what is to be done with its schema. */
export interface ReadArrowOptions {
  /** The most fields of the schema, nested ones included; 64 if not given. */
  readonly maxFields?: number;
  /** The most bytes of a batch, unpacked; 1 GiB if not given. */
  readonly maxBatchBytes?: number;
  /** The most bytes of each buffer of a packed batch, in order; only those of the batch if not given. */
  readonly bufferLimits?: readonly number[];
  /** Called before the first batch; what it throws ends the reading. */
  readonly onSchema?: (schema: Schema) => void;
}

/** The limits of a reader, defaults filled in. */
export type Limits = Required<Omit<ReadArrowOptions, 'onSchema'>>;

/** The limits of a reader. */
export function limitsOf({
  maxFields = 64,
  maxBatchBytes = 2 ** 30,
  bufferLimits = [],
}: ReadArrowOptions): Limits {
  return { maxFields, maxBatchBytes, bufferLimits };
}

const byType: readonly (Compression | undefined)[] = ['lz4', 'zstd'];

/**
 * Unpacks a record batch or dictionary batch and checks it.
 *
 * @param columns - which of its nodes are those of columns, as `columnNodes` says.
 * @returns its bytes in an unpacked stream.
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
  // A row takes a bit at least in one of the buffers.
  checkMessage(metadata, { kind, body: bodyBytes }, 8 * bodyBytes);
  checkColumnRows(metadata, kind === messageKinds.batch ? columns : [0]);
  return bodyBytes === 0 ? [framed(metadata)] : [framed(metadata), body];
}

async function unpacked(message: Message, { bufferLimits, maxBatchBytes }: Limits): Promise<Message> {
  const type = compressionType(message.metadata);
  if (type === undefined) return message;
  const name = byType[type];
  if (name === undefined) throw new RangeError('its buffers are packed in an unknown way');
  return unpackMessage(message, await loadCodec(name), bufferLimits, maxBatchBytes);
}

/** Metadata with their prefix. */
export function framed(metadata: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + metadata.byteLength);
  new Int32Array(bytes.buffer, 0, 2).set([-1, metadata.byteLength]);
  bytes.set(metadata, 8);
  return bytes;
}

/** Which of the nodes of a batch are those of its columns: nested fields have nodes of their own. */
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
