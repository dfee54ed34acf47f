import { FlatBuffer } from './flat-buffer.ts';

/** Values of `MessageHeader`. */
export const messageKinds = { schema: 1, dictionary: 2, batch: 3 } as const;
/** Bytes of a `FieldNode` and of a `Buffer`. */
export const NODE_BYTES = 16;
/** Bytes before a message: the continuation marker and the length of its metadata. */
export const PREFIX_BYTES = 8;

/** A message as read from a file. The receiver owns its bytes. */
export interface Message {
  /** A FlatBuffer, without the prefix. */
  readonly metadata: Uint8Array;
  readonly body: Uint8Array;
}

/** The kind of a message, and the length of its body. */
export interface MessageHeader {
  /** A value of `MessageHeader` in the format. */
  readonly kind: number;
  /** Bytes of its body. */
  readonly body: number;
}

/** @throws RangeError if the metadata are damaged. */
export function headerOf(metadata: Uint8Array): MessageHeader {
  const message = new FlatBuffer(metadata);
  const body = message.field(message.root, 3);
  return { kind: message.byte(message.root, 1), body: body === 0 ? 0 : message.int64(body) };
}

/** Position of the `RecordBatch` table in the metadata of a record batch, or of the one within a dictionary batch. */
export function recordBatchOf(message: FlatBuffer): number {
  const header = message.table(message.root, 2);
  return message.byte(message.root, 1) === messageKinds.dictionary ? message.table(header, 1) : header;
}
