import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Baseline, type LearnedArray, type NamedArrays, restoreBaseline } from '@gru4rec/baselines';
import { anything, checkOptions, flag, required } from '@gru4rec/checked-options';
import { recover } from '@gru4rec/durable-files';
import type { ItemIds } from '@gru4rec/item-ids';
import {
  Gru4Rec,
  loadModel,
  ModelError,
  type ReadOptions,
  readModel,
  readModelItemInfo,
} from '@gru4rec/model';
import {
  MAX_ITEM_INFO_BYTES,
  MAX_MANIFEST_BYTES,
  mostBytesOfItems,
  readItems,
  readModelFile,
  readSealedFile,
  readTensors,
} from '@gru4rec/model/storage';
import type { Engine } from '@gru4rec/program';
import {
  type BaselineRecord,
  files,
  KEEP_AGAIN,
  MANIFEST,
  type ModelRecord,
  optionsFromJson,
  type RecommenderManifest,
  readManifestText,
} from './manifest.ts';
import { MixedRecommender, type Recommender, type RecommenderPart } from './recommender.ts';

const MODEL_MANIFESTS = ['model.json', 'web-model.json'];

/**
 * Reads a recommender folder, which is a model folder, or one with a baseline or a mix, and checks all of it.
 *
 * @param location - path of a folder, or URL of a model for the web.
 * @param options - the engine of models, and whether the optimiser's state of models is read; for a URL, also `signal` and
 *   `timeoutMs`.
 * @throws ModelError in one line that names the file: missing, foreign, another version, truncated or altered (checksum),
 *   with arrays that do not fit a baseline, or with parts that have different items.
 */
export async function loadRecommender(
  location: string | URL,
  options: ReadOptions & { readonly engine: Engine },
): Promise<Recommender> {
  const checks = { engine: required(anything), signal: anything, timeoutMs: anything, optimizer: flag };
  checkOptions<ReadOptions & { readonly engine: Engine }>('loadRecommender', options, checks);
  if (!(await isMixed(location))) return loadModel(location, options);
  const directory = String(location);
  const manifest = await readManifest(directory);
  const itemIds = await itemsOf(directory, manifest);
  const { parts, recentClicks } = await readParts(directory, manifest, { itemIds, ...options });
  const { name, dataset, tunedOn, checksum } = manifest;
  const optional = { ...(dataset && { dataset }), ...(recentClicks && { recentClicks }) };
  try {
    return new MixedRecommender({ name, itemIds, parts, tunedOn, checksum, ...optional });
  } catch (cause) {
    throw new ModelError(join(directory, MANIFEST), 'holds parts that cannot be mixed', { cause });
  }
}

/** Whether a location is a folder with a baseline or a mix, rather than a model. */
export async function isMixed(location: string | URL): Promise<boolean> {
  if (location instanceof URL || /^https?:\/\//.test(location)) return false;
  const holds = (name: string) => existsSync(join(location, name));
  if (!holds(MANIFEST) && !MODEL_MANIFESTS.some(holds)) await recover(location);
  return holds(MANIFEST);
}

/**
 * Reads what a recommender records about its items, which `loadRecommender` does not read.
 *
 * @returns the bytes of `item-info.jsonl`, fresh; undefined if it has none.
 * @throws ModelError naming the file.
 */
export async function readRecommenderItemInfo(location: string): Promise<Uint8Array | undefined> {
  if (!(await isMixed(location))) return readModelItemInfo(location);
  const { checksums } = await readManifest(location);
  const sha256 = checksums[files.itemInfo];
  if (sha256 === undefined) return undefined;
  return readSealedFile(location, files.itemInfo, { most: MAX_ITEM_INFO_BYTES, sha256, manifest: MANIFEST });
}

async function readManifest(directory: string): Promise<RecommenderManifest> {
  const { bytes } = await readModelFile(directory, MANIFEST, MAX_MANIFEST_BYTES);
  return readManifestText(join(directory, MANIFEST), new TextDecoder().decode(bytes));
}

async function itemsOf(directory: string, { itemCount, checksums }: RecommenderManifest): Promise<ItemIds> {
  const file = join(directory, files.items);
  const of = { most: mostBytesOfItems(itemCount), sha256: checksums[files.items] };
  const expected = { ...of, manifest: MANIFEST, verb: KEEP_AGAIN };
  const itemIds = readItems(file, await readSealedFile(directory, files.items, expected));
  if (itemIds.length === itemCount) return itemIds;
  throw new ModelError(file, `expected ${itemCount} items as in ${MANIFEST}, got ${itemIds.length}`);
}

/** What models of a mix are read with. */
interface PartOptions extends Pick<ReadOptions, 'optimizer'> {
  readonly itemIds: ItemIds;
  readonly engine: Engine;
}

async function readParts(
  directory: string,
  manifest: RecommenderManifest,
  reading: PartOptions,
): Promise<{ parts: RecommenderPart[]; recentClicks: Float32Array | undefined }> {
  const { itemIds } = reading;
  const file = join(directory, files.arrays);
  const source = { file, sha256: manifest.checksums[files.arrays] };
  const values = (await readTensors(source, manifest.arrays)) as LearnedArray[];
  const arraysOf = (prefix: string): NamedArrays => {
    const places = [...manifest.arrays.entries()].filter(([, { name }]) => name.startsWith(prefix));
    return Object.fromEntries(places.map(([at, { name }]) => [name.slice(prefix.length), values[at]]));
  };
  const parts: RecommenderPart[] = [];
  for (const [at, part] of manifest.parts.entries()) {
    const recommender =
      part.kind === 'model'
        ? await readPart(directory, part, reading)
        : restore(file, part, arraysOf(`part-${at + 1}.`), itemIds.length);
    parts.push({ recommender, weight: part.weight });
  }
  const { recentClicks: clicks } = arraysOf('');
  if (!clicks) return { parts, recentClicks: undefined };
  if (clicks instanceof Float32Array && clicks.length === itemIds.length && clicks.every(Number.isFinite))
    return { parts, recentClicks: clicks };
  throw new ModelError(file, `expected clicks of ${itemIds.length} items`);
}

function restore(
  file: string,
  { name, options }: BaselineRecord,
  arrays: NamedArrays,
  itemCount: number,
): Baseline {
  try {
    return restoreBaseline({ name, options: optionsFromJson(options) }, arrays, itemCount);
  } catch (cause) {
    throw new ModelError(file, `holds no ${name} of ${itemCount} items`, { cause });
  }
}

/** Reads a model of a mix. */
async function readPart(
  directory: string,
  { folder, checksum }: ModelRecord,
  { itemIds, engine, optimizer = true }: PartOptions,
): Promise<Gru4Rec> {
  const place = join(directory, folder);
  const stored = await readModel(place, { optimizer });
  if (stored.checksum !== checksum) {
    throw new ModelError(place, `is not the model that ${MANIFEST} names. Copy or keep it again`);
  }
  let item = 0;
  const differs = stored.itemIds.length !== itemIds.length;
  for (const id of stored.itemIds) {
    if (!differs && id === itemIds.at(item++)) continue;
    throw new ModelError(place, `has other items than ${files.items}: the parts of a mix must have the same`);
  }
  return new Gru4Rec({ ...stored, engine });
}
