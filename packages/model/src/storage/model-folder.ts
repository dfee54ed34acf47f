import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { recover } from '@gru4rec/durable-files';
import { z } from 'zod';
import { tableWidths, withTableRows } from '../parts/registry.ts';
import { clickShape } from '../programs/click-features.ts';
import { featureTable, projectionOf } from '../programs/item-features.ts';
import { historySchema } from '../training/epoch-record.ts';
import { ITEMS, itemChunks, readSealedItems } from './arrow-files.ts';
import {
  checksumSchema,
  clickVocabularySchema,
  ModelError,
  parseManifest,
  sealManifest,
  storedConfig,
  tableWidthsSchema,
} from './manifest.ts';
import {
  readModelFile,
  readSealedFile,
  readTensors,
  type TensorEntry,
  tensorChunks,
  writeModelFolder,
} from './model-file.ts';
import { MAX_MANIFEST_BYTES, type ModelLimits, modelLimits, zeroSlots } from './model-limits.ts';
import { newerTensors, partsOfFile } from './older-model.ts';
import type { SaveInfo, StoredModel } from './stored-model.ts';
import type { StoredTensor } from './tensors.ts';
import type { ReadOptions } from './web-model.ts';

const FORMAT = 'gru4rec-model';
const VERSION = 2;
const MANIFEST = 'model.json';
const files = {
  model: 'model.safetensors',
  optimizer: 'optimizer.safetensors',
  items: ITEMS,
  itemInfo: 'item-info.jsonl',
} as const;
/** Offsets of its lines are int32. */
export const MAX_ITEM_INFO_BYTES: number = 2 ** 31 - 1;
/** [I] in `model.safetensors`, of models that have them. */
const RECENT_CLICKS = 'recentClicks';
/** [items of the training] in `model.safetensors`, of models that have them. */
const TRENDING = 'trending';

/** model.json of a model folder. `checksum` is a `manifestChecksum`. */
const manifestSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  config: z.record(z.string(), z.unknown()),
  itemCount: z.int().nonnegative(),
  history: historySchema,
  /** Which values of items are features, and where vectors are; dataset/items has its format. */
  vocabulary: z.record(z.string(), z.unknown()).exactOptional(),
  features: z.int().positive().exactOptional(),
  vectorWidth: z.int().positive().exactOptional(),
  clickVocabulary: clickVocabularySchema.exactOptional(),
  tables: tableWidthsSchema.exactOptional(),
  /** N of the tables of co-occurrences, of older models. */
  neighbours: z.int().positive().exactOptional(),
  dataset: z
    .object({ checksum: z.string(), directory: z.string(), lastMs: z.number().exactOptional() })
    .extend({ logThrough: z.iso.date().exactOptional() })
    .exactOptional(),
  recentClicks: z.literal(true).exactOptional(),
  trending: z
    .object({
      items: z.int().positive(),
      halfLifeMs: z.number().positive(),
      lastMs: z.number().exactOptional(),
    })
    .exactOptional(),
  checksums: z.object({
    [files.model]: checksumSchema,
    [files.optimizer]: checksumSchema,
    [files.items]: checksumSchema,
    [files.itemInfo]: checksumSchema.exactOptional(),
  }),
  checksum: checksumSchema,
});

type ModelManifest = z.output<typeof manifestSchema>;

const isSlot = ({ kind }: Pick<StoredTensor, 'kind'>): boolean => kind === 'slot';
const isKept = (tensor: Pick<StoredTensor, 'kind'>): boolean => !isSlot(tensor);

export async function saveModel(
  model: StoredModel,
  directory: string,
  { itemInfo, ...info }: SaveInfo,
): Promise<void> {
  const { recentClicks, trending } = model;
  const tensors = withTableRows(model.tensors, model.itemIds.length);
  const counted = Object.entries({ [RECENT_CLICKS]: recentClicks, [TRENDING]: trending?.clicks });
  const counts = counted.flatMap(([name, values]) => (values ? [{ name, rows: values.length, values }] : []));
  const contents = {
    [files.model]: tensorChunks([...tensors.filter(isKept), ...counts]),
    [files.optimizer]: tensorChunks(tensors.filter(isSlot)),
    [files.items]: itemChunks(model.itemIds),
    ...(itemInfo && { [files.itemInfo]: [itemInfo] }),
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
        clickVocabulary: model.clickVocabulary,
        tables: tableWidths(tensors),
        ...(recentClicks && { recentClicks: true }),
        ...(trending && { trending: { ...trending, clicks: undefined, items: trending.clicks.length } }),
        ...info,
        checksums,
      }),
  });
}

/**
 * Reads a model folder and checks all of it: sizes before a file is read, checksums before its contents are used. If a run that
 * replaced the model was killed between moving the old folder away and renaming the new one, the new one is renamed first.
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
  const parts = partsOfFile(manifest);
  const limits = modelLimits(file, config, manifest.itemCount, { features: shape, clicks, ...parts });
  const sealed = { most: limits.items, sha256: manifest.checksums[files.items], manifest: MANIFEST };
  const itemIds = await readSealedItems(directory, { ...sealed, count: manifest.itemCount });
  const { tensors, recentClicks, trending } = await readValues(directory, manifest, limits, optimizer);
  const { history, dataset, checksum } = manifest;
  const recorded = { history, dataset, recentClicks, trending, vocabulary, clickVocabulary, checksum };
  return { config, itemIds, tensors: newerTensors(tensors), ...recorded };
}

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

async function readValues(
  directory: string,
  { checksums, recentClicks, trending, itemCount }: ModelManifest,
  limits: ModelLimits,
  optimizer: boolean,
): Promise<Pick<StoredModel, 'tensors' | 'recentClicks' | 'trending'>> {
  const read = async (
    place: typeof files.model | typeof files.optimizer,
    entries: readonly TensorEntry[],
  ): Promise<Float32Array[]> => {
    const file = join(directory, place);
    const arrays = (await readTensors({ file, sha256: checksums[place] }, entries)) as Float32Array[];
    for (const [at, { name }] of entries.entries()) {
      if (!arrays[at]?.every(Number.isFinite)) throw new ModelError(file, `"${name}" holds NaN or infinity`);
    }
    return arrays;
  };
  const { variables } = limits;
  const recent = recentClicks ? [{ name: RECENT_CLICKS, rows: itemCount }] : [];
  const counted = trending ? [{ name: TRENDING, rows: trending.items }] : [];
  const kept = await read(files.model, [...variables.filter(isKept), ...recent, ...counted]);
  const slots = optimizer
    ? await read(files.optimizer, variables.filter(isSlot))
    : zeroSlots(limits).map(({ values }) => values);
  const tensors = variables.map((variable): StoredTensor => {
    const { name, kind, rows, cols } = variable;
    return { name, kind, rows, cols, values: (isSlot(variable) ? slots : kept).shift() as Float32Array };
  });
  const clicks = recentClicks && kept.shift();
  const [decayed] = kept;
  if (!trending || !decayed) return { tensors, recentClicks: clicks };
  const { halfLifeMs, lastMs } = trending;
  return { tensors, recentClicks: clicks, trending: { clicks: decayed, halfLifeMs, lastMs } };
}

function featureCounts({ tensors }: StoredModel): Pick<ModelManifest, 'features' | 'vectorWidth'> {
  const rowsOf = (table: string) => tensors.find(({ name }) => name === table)?.rows;
  const [features, vectorWidth] = [rowsOf(featureTable('by')), rowsOf(projectionOf('by'))];
  return { ...(features && { features }), ...(vectorWidth && { vectorWidth }) };
}
