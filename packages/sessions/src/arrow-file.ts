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
 * @param batches - its return value is the count of what it has yielded.
 * @param compression - compresses each buffer of a batch; uncompressed if not given.
 * @returns size and SHA-256 of the file, and the count.
 */
export async function writeArrowFile<T extends TypeMap, Counts>(
  path: string,
  schema: Schema<T>,
  batches: AsyncGenerator<RecordBatch<T>, Counts>,
  compression?: Compression,
): Promise<{ readonly record: FileRecord; readonly counts: Counts }> {
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
    let next = await batches.next();
    for (; !next.done; next = await batches.next()) {
      writer.write(next.value);
      await flush();
    }
    writer.finish();
    await flush();
    await file.sync();
    const record = { bytes, sha256: hash.digest('hex'), ...(compression !== undefined && { compression }) };
    return { record, counts: next.value };
  } finally {
    // Ends the sources if writing failed.
    await batches.return(undefined as never);
    await file.close();
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesWritten } = await file.write(bytes, done);
    done += bytesWritten;
  }
}
