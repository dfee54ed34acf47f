import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { show } from '@gru4rec/checks';
import { ItemIdError, ItemIdTable } from '@gru4rec/dataset/ids';
import { replaceFile } from '@gru4rec/durable-files';
import {
  clickVocabularySchema,
  type ModelConfig,
  ModelError,
  modelLimits,
  newerTensors,
  partsOfTensors,
  type StoredModel,
  storedConfig,
} from '@gru4rec/model';
import { clickShape } from '@gru4rec/model/programs';
import { headerOf, readArrays, readBytes, type TensorEntry, tensorChunks } from '@gru4rec/model/storage';
import { type ExportedModel, exportedParts } from './exported-model.ts';

/** `format` and `version` of our files, in their metadata. */
const FORMAT = 'gru4rec-model';
const VERSION = '2';
/** Names of the tensors of item ids, which have any number and any characters. A header holds only some megabytes. */
const UTF8 = 'items.utf8';
const OFFSETS = 'items.offsets';

/**
 * Writes a model to a safetensors file, all of it or nothing: each parameter as F32 [rows, cols] under its name;
 * item ids as `items.offsets` I32 [I + 1] and `items.utf8` U8; `format`, `version`, `config` (JSON) and, with
 * features of clicks, `click_vocabulary` (JSON) as metadata. It has neither the optimiser's values nor the history
 * of training.
 * @param file - replaced if it exists.
 * @throws DurableError if it cannot be written.
 * @throws RangeError if an item id has a lone surrogate.
 */
export async function writeSafetensors(model: ExportedModel, file: string): Promise<void> {
  const { config, itemIds, tensors, clickVocabulary } = exportedParts(model);
  const { utf8, offsets } = ItemIdTable.of(itemIds).packed;
  const metadata = {
    format: FORMAT,
    version: VERSION,
    config: JSON.stringify(config),
    ...(clickVocabulary && { click_vocabulary: JSON.stringify(clickVocabulary) }),
  };
  const all = [
    ...tensors,
    { name: OFFSETS, rows: offsets.length, values: offsets },
    { name: UTF8, rows: utf8.length, values: utf8 },
  ];
  await replaceFile(file, tensorChunks(all, metadata));
}

/** A header of ours has some kilobytes; the format allows 100 MB. */
const MOST_HEADER_BYTES = 16 * 2 ** 20;
const FOREIGN = 'is not a safetensors file';

interface FoundEntry {
  readonly dtype?: unknown;
  readonly shape?: unknown[];
  readonly data_offsets?: unknown[];
}

/** Nothing of it is certain. */
interface Header {
  readonly metadata: Readonly<Record<string, string | undefined>>;
  readonly found: Readonly<Record<string, FoundEntry>>;
}

/**
 * Reads a model from a safetensors file of `writeSafetensors`, also if another program has rewritten it. Its
 * scores equal those of the exported model bit for bit. The optimiser's values are 0 and the history of training
 * is empty, because the file has neither.
 * @param config - the configuration of a file that has none, such as one of the authors' weights.
 * @returns the arguments of `new Gru4Rec`, except the engine.
 * @throws ModelError naming the file if it cannot be read, is damaged, is not a model or has another version, or
 * if a tensor does not fit the configuration, is not finite or is unknown.
 */
export async function readSafetensors(file: string, config?: ModelConfig): Promise<StoredModel> {
  // Without O_NONBLOCK, opening a pipe would wait for its writer.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((cause) => {
    throw new ModelError(file, 'cannot be read', { cause });
  });
  try {
    return await readModelOf(file, handle, config);
  } catch (cause) {
    throw cause instanceof ModelError ? cause : new ModelError(file, 'cannot be read', { cause });
  } finally {
    await handle.close();
  }
}

async function readModelOf(
  file: string,
  handle: FileHandle,
  fallback: ModelConfig | undefined,
): Promise<StoredModel> {
  const stats = await handle.stat();
  if (!stats.isFile()) throw new ModelError(file, `is ${stats.isDirectory() ? 'a folder' : 'no file'}`);
  const { header, dataBytes } = await readHeader(file, handle, stats.size);
  const { stored, config, clickVocabulary } = configOf(file, header, fallback);
  const [offsetsLength, utf8Length] = [extentOf(file, header, OFFSETS), extentOf(file, header, UTF8)];
  const clicks = clickVocabulary && clickShape(clickVocabulary);
  const widths = Object.entries(header.found).map(([name, { shape }]) => ({
    name,
    cols: Number(shape?.[1]),
  }));
  const parts = partsOfTensors(stored, widths);
  const { variables, items } = modelLimits(file, config, offsetsLength - 1, { clicks, ...parts });
  if (utf8Length > items) {
    throw new ModelError(file, `has ${utf8Length} bytes of item ids, expected at most ${items}`);
  }
  const parameters = variables.filter(({ kind }) => kind !== 'slot');
  const entries = inOrderOf(file, header, dataBytes, [
    ...parameters,
    { name: OFFSETS, type: 'I32', rows: offsetsLength },
    { name: UTF8, type: 'U8', rows: utf8Length },
  ]);
  const read = await readArrays(handle, entries);
  const arrays = new Map(entries.map(({ name }, place) => [name, read[place]]));
  const itemIds = idsOf(file, arrays.get(UTF8) as Uint8Array, arrays.get(OFFSETS) as Int32Array);
  const tensors = variables.map(({ name, kind, rows, cols }) => {
    const values = (arrays.get(name) ?? new Float32Array(rows * cols)) as Float32Array;
    if (arrays.has(name) && !values.every(Number.isFinite)) {
      throw new ModelError(file, `"${name}" holds NaN or infinity`);
    }
    return { name, kind, rows, cols, values };
  });
  return {
    config,
    itemIds,
    history: [],
    tensors: newerTensors(tensors),
    clickVocabulary,
  };
}

async function readHeader(
  file: string,
  handle: FileHandle,
  size: number,
): Promise<{ header: Header; dataBytes: number }> {
  if (size < 8) throw new ModelError(file, `${FOREIGN}: it has ${size} bytes`);
  const length = new DataView((await readBytes(handle, 8)).buffer).getBigUint64(0, true);
  if (length > MOST_HEADER_BYTES) {
    throw new ModelError(file, `${FOREIGN} of a model: its header would be ${length} bytes long`);
  }
  const dataBytes = size - 8 - Number(length);
  if (dataBytes < 0) {
    throw new ModelError(file, `is truncated: its header has ${length} bytes, the file ${size}`);
  }
  const bytes = await readBytes(handle, Number(length));
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const { __metadata__: metadata, ...found } = JSON.parse(text);
    // JSON.parse takes the last of equal keys.
    if (JSON.stringify(JSON.parse(text)) === text.trimEnd()) {
      return { header: { metadata: metadata ?? {}, found }, dataBytes };
    }
  } catch (cause) {
    throw new ModelError(file, `${FOREIGN}: its header is not JSON`, { cause });
  }
  throw new ModelError(file, `${FOREIGN} of a model: its header has a key twice, or white space`);
}

/** @throws ModelError if the metadata are those of another format, or have no valid configuration. */
function configOf(
  file: string,
  { metadata: { format, version, config: json, click_vocabulary: clicks } }: Header,
  fallback: ModelConfig | undefined,
): Pick<StoredModel, 'config' | 'clickVocabulary'> & { readonly stored: Readonly<Record<string, unknown>> } {
  if (format !== FORMAT) {
    const got = show(format);
    throw new ModelError(file, `is not a model: "format" in its metadata expected ${FORMAT}, got ${got}`);
  }
  if (version !== VERSION) {
    throw new ModelError(file, `has format version ${show(version)}; this program reads ${VERSION}`);
  }
  if ((json === undefined) !== (fallback !== undefined)) {
    throw new ModelError(
      file,
      `${fallback ? 'has a' : 'lacks its'} configuration: give ${fallback ? 'none' : 'one'}`,
    );
  }
  try {
    const stored = fallback ?? JSON.parse(String(json));
    const config = storedConfig(file, stored);
    if (config.clickFeatures.length === 0) return { stored, config };
    const clickVocabulary = clickVocabularySchema.parse(JSON.parse(String(clicks)));
    const names = clickVocabulary.columns.map(({ name }) => name);
    if (isDeepStrictEqual(names, config.clickFeatures)) return { stored, config, clickVocabulary };
    throw new RangeError(`"click_vocabulary" expected ${show(config.clickFeatures)}, got ${show(names)}`);
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    throw new ModelError(file, 'holds a configuration that is not valid', { cause });
  }
}

function extentOf(file: string, { found }: Header, name: string): number {
  const extent = found[name]?.shape?.[0];
  if (Number.isSafeInteger(extent) && Number(extent) >= 0) return Number(extent);
  throw new ModelError(file, `lacks "${name}", or it is no vector`);
}

/**
 * In the order that a file has them: its header must be the one that this order implies, so they cover each byte
 * exactly once. @throws ModelError naming the tensor that is missing, unknown, of another type or shape, or in
 * another place.
 */
function inOrderOf(
  file: string,
  { found }: Header,
  dataBytes: number,
  expected: readonly TensorEntry[],
): TensorEntry[] {
  for (const [name, { dtype, shape }] of Object.entries(headerOf(expected))) {
    const stored = found[name];
    if (stored?.dtype === dtype && isDeepStrictEqual(stored.shape, shape)) continue;
    throw new ModelError(file, `"${name}" expected ${dtype} [${shape.join(', ')}], got ${show(stored)}`);
  }
  const names = new Set(expected.map(({ name }) => name));
  const unknown = Object.keys(found).find((name) => !names.has(name));
  if (unknown !== undefined) {
    throw new ModelError(file, `has a tensor ${show(unknown)}, which its configuration does not have`);
  }
  const placeOf = ({ name }: TensorEntry, end: 0 | 1) => Number(found[name]?.data_offsets?.[end]);
  const entries = [...expected].sort(
    (a, b) => placeOf(a, 0) - placeOf(b, 0) || placeOf(a, 1) - placeOf(b, 1),
  );
  const implied = headerOf(entries);
  for (const [name, entry] of Object.entries(implied)) {
    if (isDeepStrictEqual(entry, found[name])) continue;
    throw new ModelError(file, `"${name}" expected ${show(entry)}, got ${show(found[name])}`);
  }
  const end = Object.values(implied).at(-1)?.data_offsets[1];
  if (end === dataBytes) return entries;
  throw new ModelError(
    file,
    `is truncated or was altered: expected ${end} bytes of tensors, got ${dataBytes}`,
  );
}

function idsOf(file: string, utf8: Uint8Array, offsets: Int32Array): ItemIdTable {
  const ids = new ItemIdTable({ items: offsets.length - 1, bytes: utf8.length });
  try {
    ids.append({ utf8, offsets });
  } catch (cause) {
    if (!(cause instanceof ItemIdError)) throw cause;
    throw new ModelError(
      file,
      `has ids of which item ${cause.index} expected ${cause.expected}, got ${cause.got}`,
    );
  }
  if (offsets[0] === 0 && offsets.at(-1) === utf8.length) return ids;
  throw new ModelError(file, `"${OFFSETS}" expected 0 to ${utf8.length}, got other ends`);
}
