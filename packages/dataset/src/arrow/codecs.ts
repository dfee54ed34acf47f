import { init as initZstd, decompress as zstdDecompress } from '@bokuweb/zstd-wasm';
import { compressionRegistry } from 'apache-arrow';
import { decompressFrameSync } from 'lz4-napi';

/** @returns `length` new bytes. @throws an error if the bytes are damaged. */
type Unpack = (bytes: Uint8Array, length: number) => Uint8Array;

/** A buffer and its compressed form must both fit into the 2 GiB of a WebAssembly memory. */
const ZSTD_MAX_BYTES = 2 ** 29;

/** By value of `CompressionType` in the format: LZ4 frames and Zstandard. */
const unpackers: readonly Unpack[] = [
  (bytes) => decompressFrameSync(asBuffer(bytes)),
  (bytes, length) => {
    if (length > ZSTD_MAX_BYTES || bytes.byteLength > ZSTD_MAX_BYTES) {
      throw new RangeError(`more than ${ZSTD_MAX_BYTES} bytes`);
    }
    checkZstdHeader(bytes, length);
    return zstdDecompress(bytes, { defaultHeapSize: length });
  },
];

let zstdReady: Promise<void> | undefined;

/** For the Arrow library to decompress with. @param type - value of `CompressionType`. */
export async function loadDecoder(type: number): Promise<void> {
  const unpack = unpackers[type];
  if (unpack === undefined) throw new RangeError('its compression is unknown');
  if (type === 1) {
    // A second initialisation would reset memory that is in use.
    zstdReady ??= initZstd();
    await zstdReady;
  }
  compressionRegistry.set(type, {
    decode(bytes) {
      // The library gives a view of the buffer without the length before it.
      const length = Number(new DataView(bytes.buffer, bytes.byteOffset - 8, 8).getBigInt64(0, true));
      return exactly(length, () => unpack(bytes, length));
    },
  });
}

/** @throws RangeError if `unpack` fails or does not return `length` bytes. */
function exactly(length: number, unpack: () => Uint8Array): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = unpack();
  } catch (cause) {
    throw new RangeError('a compressed buffer is damaged', { cause });
  }
  if (bytes.byteLength === length) return bytes;
  throw new RangeError('a buffer does not hold the number of bytes it claims');
}

/** The library trusts the header of a Zstandard frame (RFC 8878, 3.1.1.1), and takes a broken one for a content of 4 GiB. */
function checkZstdHeader(bytes: Uint8Array, length: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const descriptor = view.getUint8(4);
  const isSingle = (descriptor & 32) !== 0;
  const at = isSingle ? 5 : 6;
  const size = [
    () => (isSingle ? view.getUint8(at) : length),
    () => view.getUint16(at, true) + 256,
    () => view.getUint32(at, true),
    () => Number(view.getBigUint64(at, true)),
  ][descriptor >> 6]?.();
  // Bits 0 and 1 announce a dictionary id, bit 3 is reserved. A window above 2³⁰ needs more than 32 bits of address.
  const isUnsupported = (descriptor & 0b1011) !== 0 || (!isSingle && 10 + (view.getUint8(5) >> 3) > 30);
  if (view.getUint32(0, true) !== 0xfd2fb528 || isUnsupported || size !== length) {
    throw new RangeError('a Zstandard frame has no valid header');
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
