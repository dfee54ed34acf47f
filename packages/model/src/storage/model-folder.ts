import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { recover } from '@gru4rec/durable-files';
import { z } from 'zod';
import { clickShape } from '../programs/click-features.ts';
import { featureTable, projectionOf } from '../programs/item-features.ts';
import { historySchema } from '../training/epoch-record.ts';
import { itemChunks, readItems, readTensors, tensorChunks } from './arrow-files.ts';
import type { ReadOptions } from './fetched-files.ts';
import { clickVocabularySchema, parseManifest, sealManifest, storedConfig } from './manifest.ts';
import { ModelError } from './model-error.ts';
import { readModelFile, readSealedFile } from './model-file.ts';
import { MAX_MANIFEST_BYTES, type ModelLimits, modelLimits } from './model-limits.ts';
import type { SaveInfo, StoredModel } from './stored-model.ts';
import type { StoredTensor } from './stored-tensor.ts';
import { writeModelFolder } from './write-model-folder.ts';

const FORMAT = 'gru4rec-model';
const VERSION = 1;
const MANIFEST = 'model.json';
const files = {
  parameters: 'parameters.arrow',
  optimizer: 'optimizer.arrow',
  items: 'items.arrow',
  popularity: 'popularity.arrow',
  itemInfo: 'item-info.jsonl',
} as const;
/** Offsets of its lines are int32. */
export const MAX_ITEM_INFO_BYTES: number = 2 ** 31 - 1;
/** Name of the tensor in `popularity.arrow`. */
const RECENT_CLICKS = 'recentClicks';

const checksum = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits');

/** model.json of a model folder. `checksum` is a `manifestChecksum`. */
const manifestSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  config: z.record(z.string(), z.unknown()),
  itemCount: z.int().nonnegative(),
  history: historySchema,
  /** Which values of items are features, and where vectors are; the package item-info has its format. */
  vocabulary: z.record(z.string(), z.unknown()).exactOptional(),
  /** F, the number of features. */
  features: z.int().positive().exactOptional(),
  /** D, the numbers of an item's vector. */
  vectorWidth: z.int().positive().exactOptional(),
  /** Which values of clicks are features. */
  clickVocabulary: clickVocabularySchema.exactOptional(),
  dataset: z
    .object({ checksum: z.string(), directory: z.string(), lastMs: z.number().exactOptional() })
    .exactOptional(),
  /** SHA-256 of each file. */
  checksums: z.object({
    [files.parameters]: checksum,
    [files.optimizer]: checksum,
    [files.items]: checksum,
    [files.popularity]: checksum.exactOptional(),
    [files.itemInfo]: checksum.exactOptional(),
  }),
  checksum,
});

type ModelManifest = z.output<typeof manifestSchema>;
type FileName = keyof ModelManifest['checksums'];

/** Writes a model folder; see `Gru4Rec.save`. */
export async function saveModel(
  model: StoredModel,
  directory: string,
  { itemInfo, ...info }: SaveInfo,
): Promise<void> {
  const contents = {
    [files.parameters]: tensorChunks(model.tensors.filter((t) => t.kind !== 'slot')),
    [files.optimizer]: tensorChunks(model.tensors.filter((t) => t.kind === 'slot')),
    [files.items]: itemChunks(model.itemIds),
    ...(itemInfo && { [files.itemInfo]: [itemInfo] }),
    ...(model.recentClicks && { [files.popularity]: tensorChunks([recentTensor(model.recentClicks)]) }),
  };
  await writeModelFolder(directory, contents, {
    name: MANIFEST,
    make: (checksums) =>
      sealManifest({
        format: FORMAT,
        version: VERSION,
        config: model.config,
        itemCount: model.itemIds.length,
        history: model.history,
        ...(model.vocabulary && { vocabulary: model.vocabulary, ...featureCounts(model) }),
        ...(model.clickVocabulary && { clickVocabulary: model.clickVocabulary }),
        ...info,
        checksums,
      }),
  });
}

/**
 * Reads a model folder and checks all of it: sizes before a file is read, checksums before its contents are used. If a run
 * that replaced the model was killed between moving the old folder away and renaming the new one, the new one is renamed
 * first.
 *
 * @param options - whether the optimiser's state is read; it is zeros if not.
 * @throws ModelError naming the file: missing, foreign, another version, truncated or altered (checksum), larger than
 *   a model can be, or with tensors that do not fit the configuration.
 */
export async function readModelFolder(
  directory: string,
  { optimizer = true }: Pick<ReadOptions, 'optimizer'> = {},
): Promise<StoredModel> {
  const manifest = await readManifest(directory);
  const file = join(directory, MANIFEST);
  const config = storedConfig(file, manifest.config);
  const { vocabulary, features: count = 0, vectorWidth: width = 0, clickVocabulary } = manifest;
  const perItem = Math.min(count, 1);
  const shape = count + width > 0 ? { count, perItem, scale: config.itemFeatureScale, width } : undefined;
  const clicks = clickVocabulary && clickShape(clickVocabulary);
  const limits = modelLimits(file, config, manifest.itemCount, { features: shape, clicks });
  const bytes = (name: FileName, most: number): Promise<Uint8Array> =>
    readSealedFile(directory, name, { most, sha256: manifest.checksums[name], manifest: MANIFEST });
  const itemIds = readItems(join(directory, files.items), await bytes(files.items, limits.items));
  if (itemIds.length !== manifest.itemCount) {
    const expected = `${manifest.itemCount} items as in ${MANIFEST}`;
    throw new ModelError(join(directory, files.items), `expected ${expected}, got ${itemIds.length}`);
  }
  const read = async (name: FileName, most: number): Promise<StoredTensor[]> =>
    readTensors(join(directory, name), await bytes(name, most));
  const found = {
    parameters: await read(files.parameters, limits.parameters),
    slots: optimizer ? await read(files.optimizer, limits.optimizer) : zeroSlots(limits),
  };
  const tensors = expectedTensors(directory, limits, found, optimizer);
  const popularity =
    manifest.checksums[files.popularity] && (await read(files.popularity, limits.popularity));
  const recentClicks = popularity && recentValues(directory, popularity, itemIds.length);
  const { history, dataset, checksum } = manifest;
  const optional = {
    ...(dataset ? { dataset } : {}),
    ...(recentClicks ? { recentClicks } : {}),
    ...(vocabulary ? { vocabulary } : {}),
    ...(clickVocabulary ? { clickVocabulary } : {}),
  };
  return { config, itemIds, history, tensors, ...optional, checksum };
}

/**
 * Reads what a model folder records about its items, which `readModelFolder` does not read.
 *
 * @returns the bytes of `item-info.jsonl`, fresh; undefined if the model has none.
 * @throws ModelError naming the file.
 */
export async function readFolderItemInfo(directory: string): Promise<Uint8Array | undefined> {
  const { checksums } = await readManifest(directory);
  const sha256 = checksums[files.itemInfo];
  if (sha256 === undefined) return undefined;
  const expected = { most: MAX_ITEM_INFO_BYTES, sha256, manifest: MANIFEST };
  return readSealedFile(directory, files.itemInfo, expected);
}

async function readManifest(directory: string): Promise<ModelManifest> {
  const file = join(directory, MANIFEST);
  if (!existsSync(file)) await recover(directory);
  const { bytes } = await readModelFile(directory, MANIFEST, MAX_MANIFEST_BYTES);
  return parseManifest(file, new TextDecoder().decode(bytes), {
    format: FORMAT,
    version: VERSION,
    name: 'a model',
    schema: manifestSchema,
  });
}

/** The optimiser slots as zeros, whose memory the system gives when they are first used. */
export function zeroSlots({ variables }: ModelLimits): StoredTensor[] {
  const slots = variables.filter(({ kind }) => kind === 'slot');
  return slots.map((slot) => ({ ...slot, values: new Float32Array(slot.rows * slot.cols) }));
}

/** The tensors that the configuration requires. @throws ModelError if one is missing, has another shape or is not finite. */
function expectedTensors(
  directory: string,
  { variables }: ModelLimits,
  found: { readonly parameters: readonly StoredTensor[]; readonly slots: readonly StoredTensor[] },
  optimizer: boolean,
): StoredTensor[] {
  const byName = new Map([...found.parameters, ...found.slots].map((tensor) => [tensor.name, tensor]));
  return variables.map(({ name, kind, rows, cols }) => {
    const file = join(directory, kind === 'slot' ? files.optimizer : files.parameters);
    const tensor = byName.get(name);
    if (!tensor) throw new ModelError(file, `lacks "${name}" [${rows}, ${cols}]`);
    if (tensor.rows !== rows || tensor.cols !== cols) {
      const got = `[${tensor.rows}, ${tensor.cols}]`;
      throw new ModelError(file, `"${name}" expected [${rows}, ${cols}], got ${got}`);
    }
    // Those that were not read stay untouched.
    const isRead = kind !== 'slot' || optimizer;
    if (isRead && !tensor.values.every(Number.isFinite))
      throw new ModelError(file, `"${name}" holds NaN or infinity`);
    return { ...tensor, kind };
  });
}

/** F and D of a model with features. */
function featureCounts({ tensors }: StoredModel): Pick<ModelManifest, 'features' | 'vectorWidth'> {
  const rowsOf = (table: string) => tensors.find(({ name }) => name === table)?.rows;
  const [features, vectorWidth] = [rowsOf(featureTable('by')), rowsOf(projectionOf('by'))];
  return { ...(features && { features }), ...(vectorWidth && { vectorWidth }) };
}

function recentTensor(values: Float32Array): StoredTensor {
  return { name: RECENT_CLICKS, kind: 'parameter', rows: values.length, cols: 1, values };
}

/** @throws ModelError if the clicks are missing, not one per item, or not finite. */
function recentValues(directory: string, tensors: readonly StoredTensor[], items: number): Float32Array {
  const values = tensors.find(({ name }) => name === RECENT_CLICKS)?.values;
  if (values?.length === items && values.every(Number.isFinite)) return values as Float32Array;
  throw new ModelError(join(directory, files.popularity), `expected "${RECENT_CLICKS}" of ${items} items`);
}
