import { init as initZstd, compress as zstdCompress, decompress as zstdDecompress } from '@bokuweb/zstd-wasm';
import { compressFrameSync, decompressFrameSync } from 'lz4-napi';
import { LZ4_MAX_RATIO, lz4FrameBound } from './lz4-frame.ts';
import { zstdContentSize } from './zstd-frame.ts';

/** How the buffers of record batches are packed: LZ4 frames or Zstandard. */
export type Compression = 'lz4' | 'zstd';

/** Packs and unpacks single buffers. The same bytes are packed alike on every machine. */
export interface Codec {
  /** Value of `CompressionType`. */
  readonly type: 0 | 1;
  /** @returns fresh bytes. */
  pack(bytes: Uint8Array): Uint8Array;
  /**
   * @param length - what it must hold: no memory is taken for more, some kilobytes aside.
   * @returns fresh bytes, so many.
   * @throws RangeError if it holds another number of bytes, or is damaged.
   */
  unpack(bytes: Uint8Array, length: number): Uint8Array;
}

/** Both sides of a buffer must fit into the 2 GiB of a WebAssembly memory. */
const ZSTD_MAX_BYTES = 2 ** 29;
/** Higher levels take twice the time for 1 % less. */
const ZSTD_LEVEL = 1;

const lz4: Codec = {
  type: 0,
  pack: (bytes) => compressFrameSync(asBuffer(bytes)),
  unpack: (bytes, length) => {
    const { most, block } = lz4FrameBound(bytes);
    if (most >= length + block) throw new RangeError('a buffer holds more than its length says');
    return exactly(length, () => decompressFrameSync(asBuffer(bytes)));
  },
};

const zstd: Codec = {
  type: 1,
  pack: (bytes) => zstdCompress(bytes, ZSTD_LEVEL),
  unpack: (bytes, length) => {
    if (length > ZSTD_MAX_BYTES || bytes.byteLength > ZSTD_MAX_BYTES) {
      throw new RangeError(`a packed buffer of more than ${ZSTD_MAX_BYTES} bytes`);
    }
    const told = zstdContentSize(bytes);
    if (told !== undefined && told !== length) {
      throw new RangeError('a buffer holds another number of bytes than its length says');
    }
    return exactly(length, () => zstdDecompress(bytes, { defaultHeapSize: length }));
  },
};

/** How many bytes one packed byte holds at most. */
export function maxRatio(name: Compression): number {
  // Zstandard: a block of up to 128 KiB takes three bytes and the one that it repeats.
  return name === 'lz4' ? LZ4_MAX_RATIO : 2 ** 17 / 4;
}

let zstdReady: Promise<void> | undefined;

/** Makes a codec ready. */
export async function loadCodec(name: Compression): Promise<Codec> {
  if (name === 'lz4') return lz4;
  // Once: the library would start anew in memory that is in use.
  zstdReady ??= initZstd();
  await zstdReady;
  return zstd;
}

function exactly(length: number, unpack: () => Uint8Array): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = unpack();
  } catch (cause) {
    throw new RangeError('a packed buffer is damaged', { cause });
  }
  if (bytes.byteLength === length) return bytes;
  throw new RangeError('a buffer holds another number of bytes than its length says');
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
