import { init as initZstd, compress as zstdCompress, decompress as zstdDecompress } from '@bokuweb/zstd-wasm';
import { compressionRegistry, RecordBatchFileWriter, type TypeMap } from 'apache-arrow';
import { compressFrameSync, decompressFrameSync } from 'lz4-napi';

/** Compression of the buffers of record batches: LZ4 frames or Zstandard. */
export type Compression = 'lz4' | 'zstd';

/** The same bytes are compressed alike on every machine. */
interface Codec {
  /** @returns new bytes. */
  pack(bytes: Uint8Array): Uint8Array;
  /** @returns `length` new bytes. @throws an error if the bytes are damaged. */
  unpack(bytes: Uint8Array, length: number): Uint8Array;
}

/** By value of `CompressionType` in the format. */
const compressions: readonly Compression[] = ['lz4', 'zstd'];

/** A buffer and its compressed form must both fit into the 2 GiB of a WebAssembly memory. */
const ZSTD_MAX_BYTES = 2 ** 29;
/** Higher levels take twice the time to save 1 %. */
const ZSTD_LEVEL = 1;

const codecs: Readonly<Record<Compression, Codec>> = {
  lz4: {
    pack: (bytes) => compressFrameSync(asBuffer(bytes)),
    unpack: (bytes) => decompressFrameSync(asBuffer(bytes)),
  },
  zstd: {
    pack: (bytes) => zstdCompress(bytes, ZSTD_LEVEL),
    unpack(bytes, length) {
      if (length > ZSTD_MAX_BYTES || bytes.byteLength > ZSTD_MAX_BYTES) {
        throw new RangeError(`more than ${ZSTD_MAX_BYTES} bytes`);
      }
      checkZstdHeader(bytes, length);
      return zstdDecompress(bytes, { defaultHeapSize: length });
    },
  },
};

let zstdReady: Promise<void> | undefined;

export async function loadCodec(name: Compression): Promise<Codec> {
  if (name === 'lz4') return codecs.lz4;
  // A second initialisation would reset memory that is in use.
  zstdReady ??= initZstd();
  await zstdReady;
  return codecs.zstd;
}

/** For the Arrow library to decompress with. @param type - value of `CompressionType`. */
export async function loadDecoder(type: number): Promise<void> {
  const name = compressions[type];
  if (name === undefined) throw new RangeError('its compression is unknown');
  const { unpack } = await loadCodec(name);
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

/** As apache-arrow's writer takes it. */
interface Body {
  byteLength: number;
  bufferRegions: { offset: number; length: number }[];
  /** Two per buffer: its length, and its bytes. */
  buffers: ArrayBufferView[];
}

/** Creates a writer of Arrow IPC files. @param compression - applied to each buffer that it makes smaller. */
export async function arrowFileWriter<T extends TypeMap>(
  compression?: Compression,
): Promise<RecordBatchFileWriter<T>> {
  if (compression === undefined) return new RecordBatchFileWriter<T>();
  const { pack } = await loadCodec(compression);
  return new CompressingWriter<T>(compressions.indexOf(compression), pack);
}

/** Writes the uncompressed length before a buffer, as the format demands; apache-arrow 21.2 writes the compressed one. */
class CompressingWriter<T extends TypeMap> extends RecordBatchFileWriter<T> {
  readonly #pack: (bytes: Uint8Array) => Uint8Array;

  constructor(compressionType: number, pack: (bytes: Uint8Array) => Uint8Array) {
    super({ compressionType });
    this.#pack = pack;
  }

  protected override _compressBodyBuffers(buffers: ArrayBufferView[]): Body {
    const body: Body = { byteLength: 0, bufferRegions: [], buffers: [] };
    for (const { buffer, byteOffset, byteLength } of buffers) {
      const bytes = new Uint8Array(buffer, byteOffset, byteLength);
      const parts = byteLength === 0 ? [bytes, bytes] : this.#withLength(bytes);
      const length = parts.reduce((sum, part) => sum + part.byteLength, 0);
      body.bufferRegions.push({ offset: body.byteLength, length });
      body.buffers.push(...parts);
      body.byteLength += Math.ceil(length / 8) * 8;
    }
    return body;
  }

  #withLength(bytes: Uint8Array): Uint8Array[] {
    const packed = this.#pack(bytes);
    const isSmaller = packed.byteLength < bytes.byteLength;
    const length = BigInt64Array.of(isSmaller ? BigInt(bytes.byteLength) : -1n);
    return [new Uint8Array(length.buffer), isSmaller ? packed : bytes];
  }
}
