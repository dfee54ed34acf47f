import { RecordBatchFileWriter, type TypeMap } from 'apache-arrow';
import { type Compression, compressions, loadCodec } from './codecs.ts';

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
