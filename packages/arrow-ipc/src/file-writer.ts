import { RecordBatchFileWriter, type TypeMap } from 'apache-arrow';
import { type Codec, type Compression, loadCodec } from './codecs.ts';

/** Where the parts of a body lie, and what they are: a length and the bytes behind it for every buffer. */
interface Body {
  byteLength: number;
  bufferRegions: { offset: number; length: number }[];
  buffers: ArrayBufferView[];
}

/**
 * Makes a writer of Arrow IPC files.
 *
 * @param compression - every buffer is packed by itself, unless that makes it no smaller; plain if not given.
 */
export async function arrowFileWriter<T extends TypeMap>(
  compression?: Compression,
): Promise<RecordBatchFileWriter<T>> {
  if (compression === undefined) return new RecordBatchFileWriter<T>();
  return new PackingWriter<T>(await loadCodec(compression));
}

/** apache-arrow 21.2 writes the packed length before a buffer, where the format has the plain one. */
class PackingWriter<T extends TypeMap> extends RecordBatchFileWriter<T> {
  readonly #codec: Codec;

  constructor(codec: Codec) {
    super({ compressionType: codec.type });
    this.#codec = codec;
  }

  protected override _compressBodyBuffers(buffers: ArrayBufferView[]): Body {
    const body: Body = { byteLength: 0, bufferRegions: [], buffers: [] };
    for (const { buffer, byteOffset, byteLength } of buffers) {
      const bytes = new Uint8Array(buffer, byteOffset, byteLength);
      const parts = byteLength === 0 ? [bytes, bytes] : this.#pack(bytes);
      const length = parts.reduce((sum, part) => sum + part.byteLength, 0);
      body.bufferRegions.push({ offset: body.byteLength, length });
      body.buffers.push(...parts);
      body.byteLength += Math.ceil(length / 8) * 8;
    }
    return body;
  }

  #pack(bytes: Uint8Array): Uint8Array[] {
    const packed = this.#codec.pack(bytes);
    const isSmaller = packed.byteLength < bytes.byteLength;
    const length = BigInt64Array.of(isSmaller ? BigInt(bytes.byteLength) : -1n);
    return [new Uint8Array(length.buffer), isSmaller ? packed : bytes];
  }
}
