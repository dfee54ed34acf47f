import { anything, flag, type OptionChecks } from '@gru4rec/checks';
import { ItemIdError, ItemIdTable } from '@gru4rec/dataset/ids';
import type { Variable } from '@gru4rec/program';
import { z } from 'zod';
import { platform } from '#platform';
import type { TableWidths } from '../parts/registry.ts';
import { type ClickVocabulary, clickShape } from '../programs/click-features.ts';
import {
  checksumSchema,
  clickVocabularySchema,
  inWords,
  ModelError,
  parseManifest,
  sealManifest,
  storedConfig,
  tableWidthsSchema,
} from './manifest.ts';
import { MAX_ITEMS_BYTES, MAX_MANIFEST_BYTES, modelLimits, zeroSlots } from './model-limits.ts';
import { newerTensors, partsOfFile } from './older-model.ts';
import type { StoredModel } from './stored-model.ts';
import type { StoredTensor } from './tensors.ts';

/// <reference lib="dom" />

/** When fetching a model from a URL ends early. Reading a folder ignores both options. */
export interface FetchOptions {
  /** Ends fetching; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for all files together, 1 to 2³¹ − 1. Default: 300,000, five minutes. */
  readonly timeoutMs?: number | undefined;
}

/** What is read of a model. */
export interface ReadOptions extends FetchOptions {
  /**
   * Whether the optimiser's state in a folder is read and checked (true). It is as large as the parameters. Without, it is zeros,
   * whose memory is taken when they are used: for models that are not trained further.
   */
  readonly optimizer?: boolean | undefined;
}

const TIMEOUT_MS = 300_000;
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
export const readChecks: OptionChecks<ReadOptions> = {
  signal: anything,
  timeoutMs: anything,
  optimizer: flag,
};

const FIRST_BYTES = 65_536;

/**
 * Reads from the files of a folder on a web server. At the end, also that of `read` by an error, nothing is fetched any more.
 *
 * The host needs nothing special: whole files are fetched, compressed or not. The manifest is asked for again each time, and the
 * others with their checksum as a query, so that a cache never mixes two exports.
 */
export async function withFetchedFiles<T>(
  folder: string | URL,
  { signal, timeoutMs = TIMEOUT_MS }: FetchOptions,
  read: (source: WebSource) => Promise<T>,
): Promise<T> {
  const base = folderUrl(String(folder));
  checkTimeout(timeoutMs);
  const ending = new AbortController();
  const stop = () => ending.abort(signal?.reason);
  const timer = setTimeout(() => {
    const problem = `cannot be fetched in ${timeoutMs} ms. Set "timeoutMs" higher for large models and slow hosts`;
    ending.abort(new ModelError(base.href, problem));
  }, timeoutMs);
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  try {
    return await read({
      describe: (name) => new URL(name, base).href,
      read(name, most, sha256) {
        const url = new URL(name, base);
        if (sha256 !== undefined) url.search = `sha256=${sha256.slice(0, 16)}`;
        const cache = sha256 === undefined ? 'no-cache' : 'default';
        return fetchFile(url, most, { cache, signal: ending.signal });
      },
    });
  } catch (error) {
    throw ending.signal.aborted ? ending.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    ending.abort();
  }
}

async function fetchFile(url: URL, most: number, init: RequestInit): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url, init).catch((cause) => {
    const why = 'the server does not answer, or does not allow other origins (CORS)';
    throw new ModelError(url.href, `cannot be fetched: ${why}`, { cause });
  });
  if (!response.ok) throw new ModelError(url.href, `cannot be fetched: status ${response.status}`);
  const reader = response.body?.getReader();
  let bytes = new Uint8Array(Math.min(most, FIRST_BYTES));
  let length = 0;
  for (;;) {
    const piece = await reader?.read().catch((cause) => {
      throw new ModelError(url.href, 'is truncated: the connection ended early', { cause });
    });
    if (!piece?.value) return bytes.subarray(0, length);
    const end = length + piece.value.length;
    if (end > most)
      throw new ModelError(url.href, `is another file: expected at most ${inWords(most)}, got more`);
    if (end > bytes.length) {
      const grown = new Uint8Array(Math.min(most, Math.max(2 * bytes.length, end)));
      grown.set(bytes);
      bytes = grown;
    }
    bytes.set(piece.value, length);
    length = end;
  }
}

function checkTimeout(timeoutMs: number): void {
  if (timeoutMs >= 1 && timeoutMs <= MAX_TIMEOUT_MS) return;
  throw new RangeError(`readModel: "timeoutMs" expected 1 to ${MAX_TIMEOUT_MS}, got ${timeoutMs}.`);
}

function folderUrl(folder: string): URL {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  try {
    return new URL(folder.endsWith('/') ? folder : `${folder}/`, base);
  } catch (cause) {
    throw new ModelError(folder, 'is no URL of a folder', { cause });
  }
}

/** Name of the manifest in the folder of a model for the web. */
export const WEB_MANIFEST = 'web-model.json';
/** Name of the file of item ids, a JSON array by index. */
export const WEB_ITEMS = 'items.json';
/** Name of the file of what is known about the items, as in a model folder. */
export const WEB_ITEM_INFO = 'item-info.jsonl';
/** Name of a part of the parameters, which are one sequence of bytes in as many parts as needed. */
export const webPart = (index: number): string => `parameters-${index}.bin`;
const WEB_FORMAT = 'gru4rec-web-model';
const WEB_VERSION = 1;
/** The item ids and 1,024 parts. */
const MAX_FILES = 1025;

/**
 * How a tensor is stored, little-endian and row-major: as float32 [rows, cols], or as a float32 scale per row, [rows],
 * followed by int8 [rows, cols] and zeros up to a multiple of 4 bytes, which stand for scale × integer.
 */
export type WebWeights = 'float32' | 'int8';

/** A file of a model for the web. */
export interface WebFile {
  /** A file of the same folder: letters, digits, `_`, `-` and `.`, not first a dot. */
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The manifest of a model for the web. */
export interface WebManifest {
  readonly format: string;
  readonly version: number;
  readonly config: Readonly<Record<string, unknown>>;
  readonly itemCount: number;
  /** In the order of their bytes. */
  readonly tensors: readonly { readonly name: string; readonly weights: WebWeights }[];
  /** Item ids first, then the parts of the parameters in order. */
  readonly files: readonly WebFile[];
  readonly itemInfo?: WebFile | undefined;
  readonly clickVocabulary?: ClickVocabulary | undefined;
  readonly tables?: TableWidths;
  /** N of the tables of co-occurrences, of older models. */
  readonly neighbours?: number;
  /** A `manifestChecksum`. */
  readonly checksum: string;
}

const name = z.string().regex(/^[\w-][\w.-]*$/, 'expected a plain file name');
const bytes = z.int().nonnegative().max(MAX_ITEMS_BYTES);
const file = z.object({ name, bytes, sha256: checksumSchema });
const manifestSchema: z.ZodType<WebManifest> = z.object({
  format: z.literal(WEB_FORMAT),
  version: z.literal(WEB_VERSION),
  config: z.record(z.string(), z.unknown()),
  itemCount: z.int().positive(),
  tensors: z.array(z.object({ name: z.string(), weights: z.enum(['float32', 'int8']) })),
  files: z.array(file).min(2).max(MAX_FILES, `expected at most ${MAX_FILES} files`),
  itemInfo: file.exactOptional(),
  clickVocabulary: clickVocabularySchema.exactOptional(),
  tables: tableWidthsSchema.exactOptional(),
  neighbours: z.int().positive().exactOptional(),
  checksum: checksumSchema,
});

export interface WebSource {
  describe(name: string): string;
  /** Reads at most `most` bytes of a file; `sha256` is undefined for the manifest, whose checksum nobody knows. */
  read(name: string, most: number, sha256?: string): Promise<Uint8Array<ArrayBuffer>>;
}

function webBytes({ rows, cols }: Pick<Variable, 'rows' | 'cols'>, weights: WebWeights): number {
  return weights === 'float32' ? 4 * rows * cols : 4 * (rows + Math.ceil((rows * cols) / 4));
}

/** The bytes of a manifest, with its checksum. */
export function sealWebManifest(content: Omit<WebManifest, 'format' | 'version' | 'checksum'>): Uint8Array {
  return sealManifest({ format: WEB_FORMAT, version: WEB_VERSION, ...content });
}

/** Reads a model for the web and checks all of it. Its optimiser slots are 0. */
export async function readWebModel(source: WebSource): Promise<StoredModel> {
  const file = source.describe(WEB_MANIFEST);
  const manifest = await readWebManifest(source);
  const config = storedConfig(file, manifest.config);
  const { clickVocabulary, checksum } = manifest;
  const clicks = clickVocabulary && clickShape(clickVocabulary);
  const limits = modelLimits(file, config, manifest.itemCount, { clicks, ...partsOfFile(manifest) });
  const variables = expectedVariables(file, manifest, limits.variables);
  const [items, ...parts] = manifest.files;
  if (items && items.bytes > limits.items) {
    const most = inWords(limits.items);
    throw new ModelError(file, `expected at most ${most} of item ids, got ${inWords(items.bytes)}`);
  }
  const bytes = new Uint8Array(variables.reduce((sum, one) => sum + webBytes(one, one.weights), 0));
  const claimed = parts.reduce((sum, part) => sum + part.bytes, 0);
  if (claimed !== bytes.length) {
    throw new ModelError(file, `expected ${bytes.length} bytes of parameters, got ${claimed}`);
  }
  let start = 0;
  const places = parts.map((part) => {
    start += part.bytes;
    return { part, at: start - part.bytes };
  });
  const [itemIds] = await Promise.all([
    readIds(source, items, manifest.itemCount),
    ...places.map(async ({ part, at }) => bytes.set(await readChecked(source, part), at)),
  ]);
  const tensors = [...decodeTensors(bytes, variables, source.describe(webPart(0))), ...zeroSlots(limits)];
  return { config, itemIds, history: [], tensors: newerTensors(tensors), clickVocabulary, checksum };
}

export async function readWebItemInfo(source: WebSource): Promise<Uint8Array | undefined> {
  const { itemInfo } = await readWebManifest(source);
  return itemInfo && readChecked(source, itemInfo);
}

async function readWebManifest(source: WebSource): Promise<WebManifest> {
  const bytes = await source.read(WEB_MANIFEST, MAX_MANIFEST_BYTES);
  const file = source.describe(WEB_MANIFEST);
  const text = new TextDecoder().decode(bytes);
  if (text.trimStart().startsWith('<')) {
    throw new ModelError(
      file,
      'is a page, not a manifest: the server sends it for files that it does not have',
    );
  }
  return parseManifest(file, text, {
    format: WEB_FORMAT,
    version: WEB_VERSION,
    name: 'a model for the web',
    schema: manifestSchema,
  });
}

type WebTensor = Variable & { readonly weights: WebWeights };

function expectedVariables(file: string, { tensors }: WebManifest, all: readonly Variable[]): WebTensor[] {
  const variables = new Map(all.filter(({ kind }) => kind !== 'slot').map((one) => [one.name, one]));
  const located = tensors.map(({ name, weights }) => {
    const variable = variables.get(name);
    if (!variables.delete(name) || !variable) {
      throw new ModelError(
        file,
        `has a tensor "${name.slice(0, 80)}" twice, or one that its configuration lacks`,
      );
    }
    return { ...variable, weights };
  });
  const [missing] = variables.keys();
  if (missing !== undefined) throw new ModelError(file, `lacks the tensor "${missing}"`);
  return located;
}

async function readIds(source: WebSource, file: WebFile | undefined, count: number): Promise<ItemIdTable> {
  const name = source.describe(file?.name ?? '');
  const text = file && new TextDecoder().decode(await readChecked(source, file));
  try {
    const itemIds = ItemIdTable.from(JSON.parse(text ?? ''));
    if (itemIds.length === count) return itemIds;
    throw new ModelError(name, `expected ${count} items, got ${itemIds.length}`);
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    const got = cause instanceof ItemIdError ? `: expected ${cause.expected}, got ${cause.got}` : '';
    throw new ModelError(name, `is not a JSON list of item ids${got}`, { cause });
  }
}

async function readChecked(source: WebSource, file: WebFile): Promise<Uint8Array> {
  const bytes = await source.read(file.name, file.bytes, file.sha256);
  const name = source.describe(file.name);
  if (bytes.length < file.bytes) {
    const sizes = `expected ${file.bytes} bytes, got ${bytes.length}`;
    throw new ModelError(name, `is truncated: ${sizes}. Copy or export it again`);
  }
  if ((await platform.digest(bytes)) === file.sha256) return bytes;
  throw new ModelError(
    name,
    `differs from the checksum in ${WEB_MANIFEST}: it was altered, or is of another export. Copy or export it again`,
  );
}

function decodeTensors(
  { buffer }: Uint8Array,
  variables: readonly WebTensor[],
  file: string,
): StoredTensor[] {
  let at = 0;
  return variables.map(({ name, kind, rows, cols, weights }) => {
    const values =
      weights === 'float32'
        ? new Float32Array(buffer, at, rows * cols)
        : scaled(new Float32Array(buffer, at, rows), new Int8Array(buffer, at + 4 * rows, rows * cols));
    at += webBytes({ rows, cols }, weights);
    if (!values.every(Number.isFinite)) throw new ModelError(file, `"${name}" holds NaN or infinity`);
    return { name, kind, rows, cols, values };
  });
}

function scaled(scales: Float32Array, integers: Int8Array): Float32Array {
  const values = new Float32Array(integers.length);
  const cols = integers.length / scales.length;
  for (const [row, scale] of scales.entries()) {
    for (let at = row * cols; at < (row + 1) * cols; at++) values[at] = scale * (integers[at] ?? 0);
  }
  return values;
}
