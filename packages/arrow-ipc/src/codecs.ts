import { init as initZstd, compress as zstdCompress, decompress as zstdDecompress } from '@bokuweb/zstd-wasm';
import { compressFrameSync, decompressFrameSync } from 'lz4-napi';
import { LZ4_MAX_RATIO, lz4FrameBound } from './lz4-frame.ts';
import { zstdContentSize } from './zstd-frame.ts';

/** Compression of the buffers of record batches: LZ4 frames or Zstandard. */
export type Compression = 'lz4' | 'zstd';

/** Compresses and decompresses single buffers. The same bytes are compressed alike on every machine. */
export interface Codec {
  /** Value of `CompressionType` in the format. */
  readonly type: 0 | 1;
  /** Compresses a buffer. @returns new bytes. */
  pack(bytes: Uint8Array): Uint8Array;
  /**
   * Decompresses a buffer.
   *
   * @param length - bytes that it must hold. No memory is allocated for more, apart from some kilobytes.
   * @returns `length` new bytes.
   * @throws RangeError if it holds more or fewer bytes, or is damaged.
   */
  unpack(bytes: Uint8Array, length: number): Uint8Array;
}

/** A buffer and its compressed form must both fit into the 2 GiB of a WebAssembly memory. */
const ZSTD_MAX_BYTES = 2 ** 29;
/** Higher levels take twice the time to save 1 %. */
const ZSTD_LEVEL = 1;

const lz4: Codec = {
  type: 0,
  pack: (bytes) => compressFrameSync(asBuffer(bytes)),
  unpack: (bytes, length) => {
    const { most, block } = lz4FrameBound(bytes);
    if (most >= length + block) throw new RangeError('a buffer holds more bytes than it claims');
    return exactly(length, () => decompressFrameSync(asBuffer(bytes)));
  },
};

const zstd: Codec = {
  type: 1,
  pack: (bytes) => zstdCompress(bytes, ZSTD_LEVEL),
  unpack: (bytes, length) => {
    if (length > ZSTD_MAX_BYTES || bytes.byteLength > ZSTD_MAX_BYTES) {
      throw new RangeError(`a compressed buffer has more than ${ZSTD_MAX_BYTES} bytes`);
    }
    const contentBytes = zstdContentSize(bytes);
    if (contentBytes !== undefined && contentBytes !== length) {
      throw new RangeError('a buffer does not hold the number of bytes it claims');
    }
    return exactly(length, () => zstdDecompress(bytes, { defaultHeapSize: length }));
  },
};

/** Most bytes that one compressed byte can hold. */
export function maxRatio(name: Compression): number {
  // Zstandard: a block that repeats one byte up to 2^17 times takes that byte and three more.
  return name === 'lz4' ? LZ4_MAX_RATIO : 2 ** 17 / 4;
}

let zstdReady: Promise<void> | undefined;

/** Loads a codec's library. */
export async function loadCodec(name: Compression): Promise<Codec> {
  if (name === 'lz4') return lz4;
  // A second initialisation would reset memory that is in use.
  zstdReady ??= initZstd();
  await zstdReady;
  return zstd;
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

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
