import { readdir, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { arraysOfBaseline, BASELINE_VERSION, type LearnedArray } from '@gru4rec/baselines';
import { DurableError, replaceFolder, writeFolder } from '@gru4rec/durable-files';
import { Gru4Rec, ModelError, readModel, type SaveInfo } from '@gru4rec/model';
import {
  itemChunks,
  sealManifest,
  type TensorEntry,
  tensorChunks,
  typeOfArray,
} from '@gru4rec/model/storage';
import { FORMAT, files, MANIFEST, optionsToJson, type RecommenderManifest, VERSION } from './manifest.ts';
import type { RecommenderParts } from './recommender.ts';

/** Files of which a folder has one if it may be replaced: a model's or a recommender's. */
const MARKERS = ['model.json', MANIFEST];

/**
 * Writes a recommender folder, completely or not at all. A single GRU4Rec becomes a model folder, as `save` writes it.
 *
 * @param directory - created, or replaced if it holds a model or a recommender.
 * @param info.itemInfo - content of `item-info.jsonl`.
 * @throws ModelError if a part has other items than `itemIds`, or if the folder holds something else or cannot be written.
 */
export async function saveRecommender(
  recommender: RecommenderParts,
  directory: string,
  info: Pick<SaveInfo, 'itemInfo'> = {},
): Promise<void> {
  const target = resolve(directory);
  const { parts, dataset } = recommender;
  const [{ recommender: only }] = parts;
  const model = parts.length === 1 && only instanceof Gru4Rec ? only : undefined;
  if (!model) checkItems(recommender, target);
  try {
    await replaceFolder(target, { check: () => checkReplaceable(target) }, async (folder, scratch) => {
      // Written in the scratch folder, which is removed with what a killed process leaves in it.
      const made = join(scratch, 'made');
      if (model) await model.save(made, { ...info, ...(dataset && { dataset }) });
      else await writeParts(recommender, { folder, made }, info);
      for (const name of await readdir(made)) await rename(join(made, name), join(folder, name));
    });
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    if (cause instanceof DurableError)
      throw new ModelError(cause.file, cause.problem, { cause: cause.cause });
    throw new ModelError(target, 'cannot be written', { cause });
  }
}

/** @throws ModelError if a part has other items. */
function checkItems({ parts, itemIds, name }: RecommenderParts, target: string): void {
  const ids = [...itemIds];
  for (const { recommender } of parts) {
    const [own, length] =
      recommender instanceof Gru4Rec
        ? [[...recommender.itemIds], recommender.itemIds.length]
        : [ids, recommender.itemCount];
    if (length === ids.length && own.every((id, item) => id === ids[item])) continue;
    throw new ModelError(
      target,
      `cannot hold ${name}, whose parts have different items. Train its GRU4Rec on the dataset that it is compared on`,
    );
  }
}

async function checkReplaceable(directory: string): Promise<void> {
  const entries = await readdir(directory).catch((cause: NodeJS.ErrnoException): string[] => {
    if (cause.code === 'ENOENT') return [];
    throw new ModelError(directory, 'is not a folder that can be written', { cause });
  });
  if (entries.length === 0 || MARKERS.some((marker) => entries.includes(marker))) return;
  throw new ModelError(directory, `holds other files and no ${MARKERS.join(' or ')}. Name a new folder`);
}

/** Writes the models of a mix into `folder`, and everything else into `made`. */
async function writeParts(
  { name, parts, itemIds, recentClicks, dataset, tunedOn = [] }: RecommenderParts,
  { folder, made }: { readonly folder: string; readonly made: string },
  { itemInfo }: Pick<SaveInfo, 'itemInfo'>,
): Promise<void> {
  const records: RecommenderManifest['parts'][number][] = [];
  const arrays: (TensorEntry & { readonly values: LearnedArray })[] = [];
  const add = (name: string, values: LearnedArray) =>
    arrays.push({ name, type: typeOfArray(values), rows: values.length, values });
  for (const [at, { recommender, weight }] of parts.entries()) {
    if (recommender instanceof Gru4Rec) {
      const place = `part-${at + 1}`;
      await recommender.save(join(folder, place), dataset && { dataset });
      const { checksum = '' } = await readModel(join(folder, place));
      records.push({ kind: 'model', weight, folder: place, checksum });
    } else {
      const { name: kind, options } = recommender.from;
      const described = { version: BASELINE_VERSION, options: optionsToJson(options) };
      records.push({ kind: 'baseline', weight, name: kind, ...described });
      for (const [key, array] of Object.entries(arraysOfBaseline(recommender)))
        add(`part-${at + 1}.${key}`, array);
    }
  }
  if (recentClicks) add('recentClicks', recentClicks);
  const contents = {
    [files.items]: itemChunks(itemIds),
    [files.arrays]: tensorChunks(arrays),
    ...(itemInfo && { [files.itemInfo]: [itemInfo] }),
  };
  await writeFolder(made, contents, {
    name: MANIFEST,
    make: (checksums) =>
      sealManifest({
        ...{ format: FORMAT, version: VERSION, name, itemCount: itemIds.length, parts: records },
        arrays: arrays.map(({ values: _, ...entry }) => entry),
        ...(dataset && { dataset }),
        ...{ tunedOn, checksums },
      }),
  });
}
