import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { arrowFileWriter, type Compression } from '@gru4rec/arrow-ipc';
import { AsyncByteQueue, type RecordBatch, type Schema, type TypeMap } from 'apache-arrow';
import type { FileRecord } from './manifest.ts';

/** Buffers the Arrow writer's output for one batch until it is on disk, so that memory never holds more than a batch. */
class Outbox extends AsyncByteQueue {
  readonly chunks: Uint8Array[] = [];

  override write(chunk: ArrayBufferLike | ArrayBufferView): void {
    const view = ArrayBuffer.isView(chunk)
      ? new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      : new Uint8Array(chunk);
    if (view.byteLength > 0) this.chunks.push(view);
  }
}

/**
 * Writes an Arrow IPC file batch by batch, and computes its checksum while writing.
 *
 * @param compression - compresses each buffer of a batch; uncompressed if not given.
 * @returns size and SHA-256 of the file.
 */
export async function writeArrowFile<T extends TypeMap>(
  path: string,
  schema: Schema<T>,
  batches: AsyncIterable<RecordBatch<T>>,
  compression?: Compression,
): Promise<FileRecord> {
  const outbox = new Outbox();
  const writer = await arrowFileWriter<T>(compression);
  const hash = createHash('sha256');
  let bytes = 0;
  const file = await open(path, 'wx');
  const flush = async () => {
    for (const chunk of outbox.chunks.splice(0)) {
      hash.update(chunk);
      bytes += chunk.byteLength;
      await writeAll(file, chunk);
    }
  };
  try {
    writer.reset(outbox, schema);
    for await (const batch of batches) {
      writer.write(batch);
      await flush();
    }
    writer.finish();
    await flush();
    await file.sync();
  } finally {
    await file.close();
  }
  return { bytes, sha256: hash.digest('hex'), ...(compression !== undefined && { compression }) };
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesWritten } = await file.write(bytes, done);
    done += bytesWritten;
  }
}
