import type { FileHandle } from 'node:fs/promises';
import { compress as packZstd } from '@bokuweb/zstd-wasm';
import { AsyncByteQueue, RecordBatchFileWriter, type Table, tableFromArrays } from 'apache-arrow';
import { compressFrameSync } from 'lz4-napi';
import { expect } from 'vitest';
import { loadDecoder } from '../../src/arrow/codecs.ts';
import { ArrowError, readArrowBatches } from '../../src/arrow/index.ts';

export function fileIn(bytes: Uint8Array): FileHandle {
  const file = {
    stat: async () => ({ size: bytes.length }),
    read: async (buffer: Uint8Array, offset: number, length: number, position: number) => {
      const part = bytes.subarray(position, position + length);
      buffer.set(part, offset);
      return { bytesRead: part.length };
    },
  };
  return file as unknown as FileHandle;
}

export async function read(bytes: Uint8Array, maxFields = 64): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const batch of readArrowBatches(fileIn(bytes), { maxFields })) {
    rows.push(...batch.toArray().map((row) => row.toJSON()));
  }
  return rows;
}

/** The message of the error for bytes; `nothing` if they are read. */
export async function reasonFor(bytes: Uint8Array, maxFields?: number): Promise<string> {
  const error: unknown = await read(bytes, maxFields).then(
    () => new ArrowError('nothing'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ArrowError);
  return (error as ArrowError).message;
}

// Makes Zstandard ready, which must happen once.
await loadDecoder(1);

/** By value of `CompressionType`. */
export const packers = {
  lz4: { type: 0, pack: (bytes: Uint8Array) => compressFrameSync(Buffer.from(bytes)) },
  zstd: { type: 1, pack: (bytes: Uint8Array) => packZstd(bytes, 1) },
};

/** Writes the uncompressed length before a buffer, as the format demands; apache-arrow 21.2 writes the compressed one. */
class CompressingWriter extends RecordBatchFileWriter {
  readonly #pack: (bytes: Uint8Array) => Uint8Array;

  constructor({ type, pack }: (typeof packers)['lz4' | 'zstd']) {
    super({ compressionType: type });
    this.#pack = pack;
  }

  protected override _compressBodyBuffers(given: ArrayBufferView[]) {
    const [bufferRegions, buffers]: [{ offset: number; length: number }[], Uint8Array[]] = [[], []];
    let byteLength = 0;
    for (const { buffer, byteOffset, byteLength: size } of given) {
      const bytes = new Uint8Array(buffer, byteOffset, size);
      const parts = size === 0 ? [bytes, bytes] : this.#withLength(bytes);
      const length = parts[0].byteLength + parts[1].byteLength;
      bufferRegions.push({ offset: byteLength, length });
      buffers.push(...parts);
      byteLength += Math.ceil(length / 8) * 8;
    }
    return { byteLength, bufferRegions, buffers };
  }

  #withLength(bytes: Uint8Array): Uint8Array[] {
    const packed = this.#pack(bytes);
    const isSmaller = packed.byteLength < bytes.byteLength;
    const length = BigInt64Array.of(isSmaller ? BigInt(bytes.byteLength) : -1n);
    return [new Uint8Array(length.buffer), isSmaller ? packed : bytes];
  }
}

export async function fileOf(table: Table, compression?: keyof typeof packers): Promise<Buffer> {
  const sink = new AsyncByteQueue();
  const writer = compression ? new CompressingWriter(packers[compression]) : new RecordBatchFileWriter();
  writer.reset(sink, table.schema);
  for (const batch of table.batches) writer.write(batch);
  writer.finish();
  sink.close();
  return Buffer.from(await sink.toUint8Array());
}

/** A table with numbers that compress well, and strings. */
export function sampleTable(rows = 300): Table {
  const index = Array.from({ length: rows }, (_, row) => row);
  return tableFromArrays({
    item: Int32Array.from(index, (row) => row % 7),
    time: BigInt64Array.from(index, (row) => 1_396_437_466_940n + BigInt(row * 250)),
    kind: index.map((row) => (row % 3 === 0 ? 'view' : 'buy')),
  });
}
