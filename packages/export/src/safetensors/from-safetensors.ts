import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { ModelError, type StoredModel, type StoredTensor } from '@gru4rec/model';
import { headerLength, LENGTH_BYTES, parseHeader } from './header.ts';
import { decodeIds, idTensors } from './item-ids.ts';
import { type ModelHeader, modelHeader } from './model-header.ts';

/** Fresh bytes `from` to `to` of a file; fewer if it ends before. */
type ReadBytes = (from: number, to: number) => Promise<Uint8Array>;

/** Read at once. */
const READ_AT_ONCE = 1 << 26;

/**
 * A model from the bytes of a safetensors file that `toSafetensors` made, or another program from one of those. It
 * scores as the exported one bit for bit. What the file does not hold starts anew: the optimiser's values at 0, and
 * the history of training with no epoch.
 *
 * @param file - where the bytes are from, for messages.
 * @returns what `new Gru4Rec` takes, beside an engine; nothing of it is a view of `bytes`.
 * @throws ModelError naming the file: damaged, foreign, of another version, or with tensors that do not fit the
 *   configuration, are not finite or should not be there.
 */
export async function fromSafetensors(
  bytes: Uint8Array,
  file = 'the safetensors file',
): Promise<StoredModel> {
  return readModelOf(file, bytes.length, async (from, to) => new Uint8Array(bytes.subarray(from, to)));
}

/**
 * The same from a file, of which nothing but the header is read before that was checked.
 * @throws ModelError as above, and if the file cannot be read.
 */
export async function readSafetensors(file: string): Promise<StoredModel> {
  // A pipe is not waited for.
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
  return { config: model.config, itemIds, history: [], tensors };
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
