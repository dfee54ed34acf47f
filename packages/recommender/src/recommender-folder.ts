import { existsSync } from 'node:fs';
import { readdir, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  arraysOfBaseline,
  BASELINE_VERSION,
  type Baseline,
  type BaselineOptions,
  type LearnedArray,
  type NamedArrays,
  restoreBaseline,
} from '@gru4rec/baselines';
import { anything, checkOptions, flag, required, show } from '@gru4rec/checks';
import { checkReplaceable, DurableError, recover, replaceFolder, writeFolder } from '@gru4rec/durable-files';
import {
  Gru4Rec,
  loadModel,
  ModelError,
  type ReadOptions,
  readModel,
  readModelItemInfo,
  type SaveInfo,
} from '@gru4rec/model';
import {
  arrayTypeNames,
  ITEMS,
  itemChunks,
  MAX_ITEM_INFO_BYTES,
  MAX_MANIFEST_BYTES,
  mostBytesOfItems,
  parseManifest,
  readModelFile,
  readSealedFile,
  readSealedItems,
  readTensors,
  sealManifest,
  type TensorEntry,
  tensorChunks,
  typeOfArray,
} from '@gru4rec/model/storage';
import type { Engine } from '@gru4rec/program';
import { z } from 'zod';
import {
  MixedRecommender,
  type Recommender,
  type RecommenderPart,
  type RecommenderParts,
} from './recommender.ts';

const MANIFEST = 'recommender.json';
/** Files of such a folder; models are in folders of their own, `part-1` and so on. */
const files = {
  items: ITEMS,
  arrays: 'arrays.safetensors',
  itemInfo: 'item-info.jsonl',
} as const;

const FORMAT = 'gru4rec-recommender';
const VERSION = 2;

const checksum = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits');
const weight = z.number().nonnegative();
const array = z.object({ name: z.string(), type: z.enum(arrayTypeNames), rows: z.int().nonnegative() });
const modelSchema = { kind: z.literal('model'), weight, folder: z.string().regex(/^part-\d+$/), checksum };
const baselineSchema = {
  kind: z.literal('baseline'),
  weight,
  name: z.string(),
  version: z.number(),
  options: z.record(z.string(), z.unknown()),
};

/** The manifest; `arrays` are those of a part as `part-<n>.<name>`, and `recentClicks` if there are any. */
const manifestSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  name: z.string(),
  itemCount: z.int().positive(),
  parts: z.array(z.discriminatedUnion('kind', [z.object(modelSchema), z.object(baselineSchema)])).min(1),
  arrays: z.array(array),
  dataset: z
    .object({ checksum: z.string(), directory: z.string(), lastMs: z.number().exactOptional() })
    .exactOptional(),
  tunedOn: z.array(z.string()),
  checksums: z.record(z.string(), checksum),
  checksum,
});

type RecommenderManifest = z.output<typeof manifestSchema>;
type PartRecord<Kind> = Extract<RecommenderManifest['parts'][number], { readonly kind: Kind }>;

/** What to do again if a folder is damaged, for messages. */
const KEEP_AGAIN = 'keep';

async function readManifest(directory: string): Promise<RecommenderManifest> {
  const file = join(directory, MANIFEST);
  const { bytes } = await readModelFile(directory, MANIFEST, MAX_MANIFEST_BYTES);
  const manifest = parseManifest(file, new TextDecoder().decode(bytes), {
    format: FORMAT,
    version: VERSION,
    name: 'a recommender',
    schema: manifestSchema,
    made: { command: 'compare --keep', verb: KEEP_AGAIN },
  });
  for (const part of manifest.parts) {
    if (part.kind !== 'baseline' || part.version === BASELINE_VERSION) continue;
    const problem = `holds ${show(part.name)} of version ${part.version}; this program reads ${BASELINE_VERSION}`;
    throw new ModelError(file, `${problem}. Keep it again, or use the release that wrote it`);
  }
  return manifest;
}

/** Replaces a value of options: JSON has no Infinity. */
function replaced(options: BaselineOptions, from: unknown, to: unknown): Record<string, unknown> {
  const changed = Object.entries(options).map(([name, value]) => [name, value === from ? to : value]);
  return Object.fromEntries(changed);
}

const MODEL_MANIFESTS = ['model.json', 'web-model.json'];

/**
 * Reads a recommender folder, which is a model folder, or one with a baseline or a mix, and checks all of it.
 * @param location - path of a folder, or URL of a model for the web.
 * @param options - the engine of models, and whether the optimiser's state of models is read; for a URL, also `signal` and
 *   `timeoutMs`.
 * @throws ModelError in one line that names the file: missing, foreign, another version, truncated or altered (checksum), or with
 *   parts that have different items.
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
  const { itemCount: count, checksums } = manifest;
  const sealed = { most: mostBytesOfItems(count), sha256: checksums[files.items], manifest: MANIFEST };
  const itemIds = await readSealedItems(directory, { ...sealed, count, verb: KEEP_AGAIN });
  const { parts, recentClicks } = await readParts(directory, manifest, options);
  const { name, dataset, tunedOn, checksum } = manifest;
  const optional = { dataset, recentClicks };
  try {
    return new MixedRecommender({ name, itemIds, parts, tunedOn, checksum, ...optional });
  } catch (cause) {
    const problem = `holds parts that cannot be mixed. Copy or ${KEEP_AGAIN} it again`;
    throw new ModelError(join(directory, MANIFEST), problem, { cause });
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
 * @returns the bytes of `item-info.jsonl`, fresh; undefined if it has none.
 */
export async function readRecommenderItemInfo(location: string): Promise<Uint8Array | undefined> {
  if (!(await isMixed(location))) return readModelItemInfo(location);
  const { checksums } = await readManifest(location);
  const sha256 = checksums[files.itemInfo];
  if (sha256 === undefined) return undefined;
  return readSealedFile(location, files.itemInfo, { most: MAX_ITEM_INFO_BYTES, sha256, manifest: MANIFEST });
}

type PartOptions = Pick<ReadOptions, 'optimizer'> & { readonly engine: Engine };

async function readParts(
  directory: string,
  manifest: RecommenderManifest,
  reading: PartOptions,
): Promise<Pick<RecommenderParts, 'parts' | 'recentClicks'>> {
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
        : restore(file, part, arraysOf(`part-${at + 1}.`));
    parts.push({ recommender, weight: part.weight });
  }
  const { recentClicks } = arraysOf('');
  return { parts, recentClicks: recentClicks && (recentClicks as Float32Array) };
}

function restore(file: string, { name, options }: PartRecord<'baseline'>, arrays: NamedArrays): Baseline {
  try {
    return restoreBaseline(
      { name, options: replaced(options, 'Infinity', Number.POSITIVE_INFINITY) },
      arrays,
    );
  } catch (cause) {
    throw new ModelError(file, `holds no ${name} that this program has`, { cause });
  }
}

async function readPart(
  directory: string,
  { folder, checksum }: PartRecord<'model'>,
  { engine, optimizer = true }: PartOptions,
): Promise<Gru4Rec> {
  const place = join(directory, folder);
  const stored = await readModel(place, { optimizer });
  if (stored.checksum !== checksum) {
    throw new ModelError(place, `is not the model that ${MANIFEST} names. Copy or keep it again`);
  }
  return new Gru4Rec({ ...stored, engine });
}

/** Files of which a folder has one if it may be replaced: a model's or a recommender's. */
const MARKERS = ['model.json', MANIFEST];

/**
 * Writes a recommender folder, completely or not at all. A single GRU4Rec becomes a model folder, as `save` writes it.
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
    await replaceFolder(
      target,
      { check: () => checkReplaceable(target, MARKERS) },
      async (folder, scratch) => {
        // Written in the scratch folder, which is removed with what a killed process leaves in it.
        const made = join(scratch, 'made');
        if (model) await model.save(made, { ...info, dataset });
        else await writeParts(recommender, { folder, made }, info);
        for (const name of await readdir(made)) await rename(join(made, name), join(folder, name));
      },
    );
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    if (cause instanceof DurableError)
      throw new ModelError(cause.file, cause.problem, { cause: cause.cause });
    throw new ModelError(target, 'cannot be written', { cause });
  }
}

function checkItems({ parts, itemIds, name }: RecommenderParts, target: string): void {
  const ids = [...itemIds];
  for (const { recommender } of parts) {
    const [partIds, length] =
      recommender instanceof Gru4Rec
        ? [[...recommender.itemIds], recommender.itemIds.length]
        : [ids, recommender.itemCount];
    if (length === ids.length && partIds.every((id, item) => id === ids[item])) continue;
    throw new ModelError(
      target,
      `cannot hold ${name}, whose parts have different items. Train its GRU4Rec on the dataset that it is compared on`,
    );
  }
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
      const described = {
        version: BASELINE_VERSION,
        options: replaced(options, Number.POSITIVE_INFINITY, 'Infinity'),
      };
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
        format: FORMAT,
        version: VERSION,
        name,
        itemCount: itemIds.length,
        parts: records,
        arrays: arrays.map(({ values: _, ...entry }) => entry),
        dataset,
        tunedOn,
        checksums,
      }),
  });
}
