import { checkBuffers } from './check-bounds.ts';
import type { Codec } from './codecs.ts';
import { FlatBuffer } from './flat-buffer.ts';
import { type Message, NODE_BYTES, recordBatchOf } from './message.ts';

/** Slot of `BodyCompression` in a `RecordBatch`. */
const COMPRESSION = 3;
/** Length prefix of a buffer that is not compressed. */
const STORED = -1;
const LENGTH_BYTES = 8;

/** `CompressionType` of a batch, undefined if its buffers are not compressed. */
export function compressionType(metadata: Uint8Array): number | undefined {
  const message = new FlatBuffer(metadata);
  const batch = recordBatchOf(message);
  if (message.field(batch, COMPRESSION) === 0) return undefined;
  const compression = message.table(batch, COMPRESSION);
  if (message.byte(compression, 1) !== 0) throw new RangeError('its compression is unknown');
  return message.byte(compression, 0);
}

/**
 * Decompresses the buffers of a batch. The lengths that they claim are checked before memory is allocated.
 *
 * @param message - its metadata are changed in place.
 * @param limits - most bytes of each buffer, in order. Buffers after its end are bounded only by `most`.
 * @param most - most bytes of all buffers together.
 * @returns the message as if it had been written without compression.
 * @throws RangeError if a buffer is damaged, or does not hold the number of bytes it claims.
 */
export function unpackMessage(
  { metadata, body }: Message,
  codec: Codec,
  limits: readonly number[],
  most: number,
): Message {
  const message = new FlatBuffer(metadata);
  const batch = recordBatchOf(message);
  checkBuffers(message, batch, body.byteLength);
  const packed = message.structs(batch, 2, NODE_BYTES).map((at) => {
    const [offset, length] = [message.int64(at), message.int64(at + 8)];
    return { at, ...contentOf(body.subarray(offset, offset + length)) };
  });
  let total = 0;
  for (const [index, { length }] of packed.entries()) {
    const limit = limits[index] ?? most;
    if (length < 0 || length > limit)
      throw new RangeError(`a buffer claims ${length} bytes, more than ${limit}`);
    total += padded(length);
  }
  if (total > most) throw new RangeError(`a record batch claims ${total} bytes, more than ${most}`);
  const plain = new Uint8Array(total);
  let offset = 0;
  for (const { at, bytes, length, isStored } of packed) {
    if (length > 0) plain.set(isStored ? bytes : codec.unpack(bytes, length), offset);
    message.setInt64(at, offset);
    message.setInt64(at + 8, length);
    offset += padded(length);
  }
  markPlain(message, batch, total);
  return { metadata, body: plain };
}

/** A buffer without its length prefix, and its length when decompressed. */
function contentOf(buffer: Uint8Array): { bytes: Uint8Array; length: number; isStored: boolean } {
  if (buffer.byteLength === 0) return { bytes: buffer, length: 0, isStored: true };
  const length = new FlatBuffer(buffer).int64(0);
  const bytes = buffer.subarray(LENGTH_BYTES);
  if (length === STORED) return { bytes, length: bytes.byteLength, isStored: true };
  return { bytes, length, isStored: false };
}

/** Changes the metadata to those of a batch that is not compressed. */
function markPlain(message: FlatBuffer, batch: number, bodyBytes: number): void {
  // Dropping the field from a shared vtable would change the message as well.
  if (message.vtableOf(batch) === message.vtableOf(message.root)) {
    throw new RangeError('a batch shares its layout with its message');
  }
  message.dropField(batch, COMPRESSION);
  const body = message.field(message.root, 3);
  if (body !== 0) message.setInt64(body, bodyBytes);
}

function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}
