import { createHash } from 'node:crypto';
import { writeFolder } from '@gru4rec/durable-files';
import {
  isIndexTable,
  type StoredTensor,
  sealWebManifest,
  tableWidths,
  WEB_ITEM_INFO,
  WEB_ITEMS,
  WEB_MANIFEST,
  type WebFile,
  type WebWeights,
  webPart,
} from '@gru4rec/model';
import { type ExportedModel, exportedParts, idChunks } from '../exported-model.ts';

/** Options of a model for the web. */
export interface WebOptions {
  /** The type of tables and matrices; `float32` if not given. int8 takes a quarter of the bytes and rounds the parameters. */
  readonly weights?: WebWeights | undefined;
  /** What is known about the items; dataset/items has its format. */
  readonly itemInfo?: Uint8Array | undefined;
}

/** Hosts refuse large files: Cloudflare Pages from 25 MiB, GitHub from 100 MB. */
const MOST_PART_BYTES = 16 * 2 ** 20;

/**
 * Writes a folder from which `loadModel` of `@gru4rec/model` reads the model in a browser, from any static host:
 * the manifest `web-model.json`, item ids as `items.json` and parameters as `parameters-0.bin`, …; all of it or
 * nothing. It has neither the optimiser's values nor the history of training.
 * @param folder - created, or replaced if it has a `web-model.json`.
 * @throws DurableError if it has other contents or cannot be written.
 */
export async function writeWeb(
  model: ExportedModel,
  folder: string,
  options: WebOptions = {},
): Promise<void> {
  const { weights = 'float32', itemInfo } = options;
  const { config, tensors } = exportedParts(model);
  const bytes = tensors.map((tensor) => encodeTensor(tensor, weightsOf(tensor, weights)));
  const contents: Record<string, readonly Uint8Array[]> = { [WEB_ITEMS]: [...idChunks(model.itemIds)] };
  for (const [index, part] of splitInParts(bytes, MOST_PART_BYTES).entries()) contents[webPart(index)] = part;
  const manifest = sealWebManifest({
    config: { ...config },
    itemCount: model.itemIds.length,
    tensors: tensors.map((tensor) => ({ name: tensor.name, weights: weightsOf(tensor, weights) })),
    files: Object.entries(contents).map(([name, chunks]) => sealed(name, chunks)),
    tables: tableWidths(tensors),
    ...(itemInfo && { itemInfo: sealed(WEB_ITEM_INFO, [itemInfo]) }),
    clickVocabulary: model.clickVocabulary,
  });
  await writeFolder(
    folder,
    { ...contents, ...(itemInfo && { [WEB_ITEM_INFO]: [itemInfo] }) },
    { name: WEB_MANIFEST, make: () => manifest },
  );
}

/** @returns views. */
function splitInParts(chunks: readonly Uint8Array[], most: number): Uint8Array[][] {
  const parts: Uint8Array[][] = [[]];
  let room = most;
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      if (room === 0) {
        parts.push([]);
        room = most;
      }
      const piece = chunk.subarray(at, at + room);
      parts.at(-1)?.push(piece);
      at += piece.length;
      room -= piece.length;
    }
  }
  return parts;
}

function sealed(name: string, chunks: readonly Uint8Array[]): WebFile {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
  return { name, bytes, sha256: hash.digest('hex') };
}

/**
 * Rows with fewer columns are stored as float32, because the scales would take as much as int8 saves, and biases are exact. So
 * are indices of items.
 */
const LEAST_COLUMNS = 16;
const LARGEST = 127;

function weightsOf({ cols, name }: Pick<StoredTensor, 'cols' | 'name'>, weights: WebWeights): WebWeights {
  return cols < LEAST_COLUMNS || isIndexTable({ name }) ? 'float32' : weights;
}

/** Encodes a tensor; as float32, a view of its values. */
function encodeTensor(tensor: StoredTensor, weights: WebWeights): Uint8Array {
  const { rows, cols, values } = tensor;
  if (weights === 'float32') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const integers = Math.ceil((rows * cols) / 4) * 4;
  const bytes = new Uint8Array(4 * rows + integers);
  const scales = new Float32Array(bytes.buffer, 0, rows);
  const quantized = new Int8Array(bytes.buffer, 4 * rows, rows * cols);
  for (let row = 0; row < rows; row++) {
    const rowValues = values.subarray(row * cols, (row + 1) * cols);
    const scale = Math.fround(
      rowValues.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / LARGEST,
    );
    scales[row] = scale;
    if (scale > 0)
      quantized.set(
        rowValues.map((value) => Math.round(value / scale)),
        row * cols,
      );
  }
  return bytes;
}
