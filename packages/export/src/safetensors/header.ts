import { show } from '@gru4rec/checked-options';
import { ModelError } from '@gru4rec/model';
import { repeatedKey } from './repeated-key.ts';

/** Bytes per element, by the format's name of the type, for the types that our models have. */
const elementBytes = { F32: 4, I64: 8, U8: 1 } as const;

/** Name of an element type. */
export type ElementType = keyof typeof elementBytes;

/** The type, shape and position of a tensor. */
export interface TensorEntry {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** First byte and the byte after the last, counted from the end of the header. */
  readonly from: number;
  readonly to: number;
}

/** The header of a file. */
export interface Header {
  readonly metadata: ReadonlyMap<string, string>;
  readonly entries: ReadonlyMap<string, TensorEntry>;
}

/** A file starts with the length of its header, uint64 little-endian. */
export const LENGTH_BYTES = 8;
/** Our models have headers of some kilobytes; the format allows 100 MB. */
const MOST_HEADER_BYTES = 16 * 2 ** 20;
const METADATA = '__metadata__';
const FOREIGN = 'is not a safetensors file';

/**
 * Encodes the start of a file: the header's length and the header, padded with blanks so that the data start at a multiple
 * of 8 bytes.
 *
 * @param tensors - in the order of their data; like the format's own writer, wide elements first.
 */
export function encodeHeader(
  metadata: Readonly<Record<string, string>>,
  tensors: readonly Pick<TensorEntry, 'name' | 'type' | 'shape'>[],
): Uint8Array {
  let from = 0;
  const entries = tensors.map(({ name, type, shape }) => {
    const to = from + bytesOf(type, shape);
    const entry = { dtype: type, shape, data_offsets: [from, to] };
    from = to;
    return [name, entry] as const;
  });
  const json = new TextEncoder().encode(
    JSON.stringify({ [METADATA]: metadata, ...Object.fromEntries(entries) }),
  );
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(LENGTH_BYTES + length).fill(0x20, LENGTH_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, LENGTH_BYTES);
  return bytes;
}

/**
 * Reads and checks the length of the header.
 *
 * @param start - the first 8 bytes of the file, or fewer if it is shorter.
 * @param fileLength - bytes of the whole file.
 * @throws ModelError if the file is too short for it, or it is too long for a model.
 */
export function headerLength(file: string, start: Uint8Array, fileLength: number): number {
  if (start.length < LENGTH_BYTES) throw new ModelError(file, `${FOREIGN}: it has ${fileLength} bytes`);
  const length = new DataView(start.buffer, start.byteOffset).getBigUint64(0, true);
  if (length > MOST_HEADER_BYTES) {
    throw new ModelError(file, `${FOREIGN} of a model: its header would be ${length} bytes long`);
  }
  if (LENGTH_BYTES + Number(length) > fileLength) {
    throw new ModelError(file, `is truncated: its header has ${length} bytes, the file ${fileLength}`);
  }
  return Number(length);
}

/**
 * Reads a header and checks that its tensors cover each byte of the data exactly once.
 *
 * @param dataLength - bytes after the header.
 * @throws ModelError naming the file, and the tensor if one is wrong.
 */
export function parseHeader(file: string, bytes: Uint8Array, dataLength: number): Header {
  const { [METADATA]: metadata = {}, ...tensors } = parseObject(file, bytes);
  const entries = Object.entries(tensors).map(([name, value]) => entryOf(file, name, value));
  checkCoverage(file, entries, dataLength);
  return {
    metadata: new Map(Object.entries(textsOf(file, metadata))),
    entries: new Map(entries.map((entry) => [entry.name, entry])),
  };
}

function parseObject(file: string, bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let header: unknown;
  let text = '';
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (cause) {
    throw new ModelError(file, `${FOREIGN}: its header is not JSON`, { cause });
  }
  if (!isObject(header)) throw new ModelError(file, `${FOREIGN}: its header is not a JSON object`);
  const repeated = repeatedKey(text);
  if (repeated !== undefined) throw new ModelError(file, `has ${show(repeated)} twice in its header`);
  return header;
}

function textsOf(file: string, metadata: unknown): Record<string, string> {
  if (isObject(metadata) && Object.values(metadata).every((value) => typeof value === 'string')) {
    return metadata as Record<string, string>;
  }
  throw new ModelError(file, 'has metadata that are not strings by name');
}

function entryOf(file: string, name: string, value: unknown): TensorEntry {
  const { dtype, shape, data_offsets, ...rest } = isObject(value) ? value : {};
  const type = String(dtype).slice(0, 20);
  const [from, to] = Array.isArray(data_offsets) ? data_offsets : [];
  const isPair = Array.isArray(data_offsets) && data_offsets.length === 2 && isCount(from) && isCount(to);
  if (!Array.isArray(shape) || !shape.every(isCount) || !isPair || Object.keys(rest).length > 0) {
    throw new ModelError(file, `${show(name)} expected only a valid dtype, shape and data_offsets`);
  }
  if (!isElementType(type)) {
    throw new ModelError(file, `${show(name)} expected elements ${typeNames}, got ${type}`);
  }
  const bytes = bytesOf(type, shape);
  if (to - from !== bytes) {
    const what = `${type} [${shape.slice(0, 8).join(', ')}]`;
    throw new ModelError(file, `${show(name)} expected ${bytes} bytes for ${what}, got ${from} to ${to}`);
  }
  return { name, type, shape, from, to };
}

/** Each tensor must begin where the previous one ends, and together they must fill the data. */
function checkCoverage(file: string, entries: readonly TensorEntry[], dataLength: number): void {
  let end = 0;
  for (const { name, from, to } of [...entries].sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== end)
      throw new ModelError(file, `${show(name)} expected to begin at byte ${end}, got ${from}`);
    end = to;
  }
  if (end === dataLength) return;
  const what = end > dataLength ? 'is truncated' : 'has bytes that no tensor owns';
  throw new ModelError(file, `${what}: expected ${end} bytes of data, got ${dataLength}`);
}

function bytesOf(type: ElementType, shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, elementBytes[type]);
}

const typeNames = Object.keys(elementBytes).join(', ');

function isElementType(type: string): type is ElementType {
  return Object.hasOwn(elementBytes, type);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
