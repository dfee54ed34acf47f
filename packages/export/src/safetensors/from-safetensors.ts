import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { ModelError, type StoredModel, type StoredTensor } from '@gru4rec/model';
import { headerLength, LENGTH_BYTES, parseHeader } from './header.ts';
import { decodeIds, idTensors } from './item-ids.ts';
import { type ModelHeader, modelHeader } from './model-header.ts';

/** Reads bytes `from` to `to` − 1 of a file; fewer if it ends before. Fresh. */
type ReadBytes = (from: number, to: number) => Promise<Uint8Array>;

/** Read at once. */
const READ_AT_ONCE = 1 << 26;

/**
 * Decodes a model from a safetensors file of `toSafetensors`, also if another program has rewritten it. Its scores equal
 * those of the exported model bit for bit. The optimiser's values are 0 and the history of training is empty, because
 * the file has neither.
 *
 * @param file - the source of the bytes, for messages.
 * @returns the arguments of `new Gru4Rec`, except the engine; none is a view of `bytes`.
 * @throws ModelError naming the file if it is damaged, is not a model or has another version, or if a tensor does not fit
 *   the configuration, is not finite or is unknown.
 */
export async function fromSafetensors(
  bytes: Uint8Array,
  file = 'the safetensors file',
): Promise<StoredModel> {
  return readModelOf(file, bytes.length, async (from, to) => new Uint8Array(bytes.subarray(from, to)));
}

/**
 * Reads a model from a safetensors file. It checks the header before it reads the rest.
 * @throws ModelError under the conditions of `fromSafetensors`, or if the file cannot be read.
 */
export async function readSafetensors(file: string): Promise<StoredModel> {
  // Without O_NONBLOCK, opening a pipe would wait for its writer.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((cause) => {
    throw new ModelError(file, 'cannot be read', { cause });
  });
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new ModelError(file, `is ${stats.isDirectory() ? 'a folder' : 'no file'}`);
    return await readModelOf(file, stats.size, (from, to) => readBytes(handle, from, to));
  } catch (cause) {
    throw cause instanceof ModelError ? cause : new ModelError(file, 'cannot be read', { cause });
  } finally {
    await handle.close();
  }
}

async function readBytes(handle: FileHandle, from: number, to: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(to - from);
  let filled = 0;
  while (filled < bytes.length) {
    const most = Math.min(READ_AT_ONCE, bytes.length - filled);
    const { bytesRead } = await handle.read(bytes, filled, most, from + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

async function readModelOf(file: string, fileLength: number, read: ReadBytes): Promise<StoredModel> {
  const start = await read(0, Math.min(LENGTH_BYTES, fileLength));
  const dataStart = LENGTH_BYTES + headerLength(file, start, fileLength);
  const header = await read(LENGTH_BYTES, dataStart);
  const model = modelHeader(file, parseHeader(file, header, fileLength - dataStart));
  const dataOf = (name: string): Promise<ArrayBuffer> =>
    dataAt(file, model, name, (from, to) => read(dataStart + from, dataStart + to));
  const utf8 = new Uint8Array(await dataOf(idTensors.utf8));
  const itemIds = decodeIds(file, { utf8, offsets: new BigInt64Array(await dataOf(idTensors.offsets)) });
  const tensors: StoredTensor[] = [];
  for (const { name, kind, rows, cols } of model.variables) {
    const values = kind === 'slot' ? new Float32Array(rows * cols) : new Float32Array(await dataOf(name));
    if (!values.every(Number.isFinite)) throw new ModelError(file, `"${name}" holds NaN or infinity`);
    tensors.push({ name, kind, rows, cols, values });
  }
  const { config, clickVocabulary } = model;
  return { config, itemIds, history: [], tensors, ...(clickVocabulary && { clickVocabulary }) };
}

async function dataAt(
  file: string,
  { entries }: ModelHeader,
  name: string,
  read: ReadBytes,
): Promise<ArrayBuffer> {
  const { from = 0, to = 0 } = entries.get(name) ?? {};
  const bytes = await read(from, to);
  if (bytes.length === to - from) return bytes.buffer as ArrayBuffer;
  throw new ModelError(file, `ended while "${name}" was read`);
}
