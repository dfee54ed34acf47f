import { FlatBuffer } from './flat-buffer.ts';

/** Values of `MessageHeader`. */
export const messageKinds = { schema: 1, dictionary: 2, batch: 3 } as const;
/** Bytes of a `FieldNode` and of a `Buffer`. */
export const NODE_BYTES = 16;
/** Continuation marker and length before a message. */
export const PREFIX_BYTES = 8;

/** A message as it lies in a file: fresh bytes that belong to the receiver. */
export interface Message {
  /** A FlatBuffer, whose length is a multiple of 8. */
  readonly metadata: Uint8Array;
  readonly body: Uint8Array;
}

/** What a message says of itself. */
export interface MessageHeader {
  readonly kind: number;
  /** Bytes. */
  readonly body: number;
}

/** @throws RangeError if its metadata are none. */
export function headerOf(metadata: Uint8Array): MessageHeader {
  const message = new FlatBuffer(metadata);
  const body = message.field(message.root, 3);
  return { kind: message.byte(message.root, 1), body: body === 0 ? 0 : message.int64(body) };
}

/** Position of the `RecordBatch` in a record batch or a dictionary batch, which holds an id and a record batch. */
export function recordBatchOf(message: FlatBuffer): number {
  const header = message.table(message.root, 2);
  return message.byte(message.root, 1) === messageKinds.dictionary ? message.table(header, 1) : header;
}
