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
  tensorChunks,
  typeOfArray,
} from '@gru4rec/model/storage';
import type { Engine } from '@gru4rec/program';
import { z } from 'zod';
import { BaselineRecommender, type Recommender, type RecommenderContent } from './recommender.ts';

const MANIFEST = 'recommender.json';
const files = {
  items: ITEMS,
  arrays: 'arrays.safetensors',
  itemInfo: 'item-info.jsonl',
} as const;

const FORMAT = 'gru4rec-recommender';
const VERSION = 3;

const checksum = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits');
const array = z.object({ name: z.string(), type: z.enum(arrayTypeNames), rows: z.int().nonnegative() });

/** The manifest; `arrays` are those of the baseline, and `recentClicks` if there are any. */
const manifestSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  name: z.string(),
  itemCount: z.int().positive(),
  baseline: z.object({ name: z.string(), version: z.number(), options: z.record(z.string(), z.unknown()) }),
  arrays: z.array(array),
  dataset: z
    .object({ checksum: z.string(), directory: z.string(), lastMs: z.number().exactOptional() })
    .exactOptional(),
  tunedOn: z.array(z.string()),
  checksums: z.record(z.string(), checksum),
  checksum,
});

type RecommenderManifest = z.output<typeof manifestSchema>;

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
  const { name, version } = manifest.baseline;
  if (version === BASELINE_VERSION) return manifest;
  const problem = `holds ${show(name)} of version ${version}; this program reads ${BASELINE_VERSION}`;
  throw new ModelError(file, `${problem}. Keep it again, or use the release that wrote it`);
}

/** Replaces a value of options: JSON has no Infinity. */
function replaced(options: BaselineOptions, from: unknown, to: unknown): Record<string, unknown> {
  const changed = Object.entries(options).map(([name, value]) => [name, value === from ? to : value]);
  return Object.fromEntries(changed);
}

const MODEL_MANIFESTS = ['model.json', 'web-model.json'];

/**
 * Reads a recommender folder, which is a model folder, or one with a baseline, and checks all of it.
 * @param location - path of a folder, or URL of a model for the web.
 * @param options - the engine of models, and whether the optimiser's state of models is read; for a URL, also `signal` and
 *   `timeoutMs`.
 * @throws ModelError in one line that names the file: missing, foreign, another version, truncated or altered (checksum).
 */
export async function loadRecommender(
  location: string | URL,
  options: ReadOptions & { readonly engine: Engine },
): Promise<Recommender> {
  const checks = { engine: required(anything), signal: anything, timeoutMs: anything, optimizer: flag };
  checkOptions<ReadOptions & { readonly engine: Engine }>('loadRecommender', options, checks);
  if (!(await isBaselineFolder(location))) return loadModel(location, options);
  const directory = String(location);
  const manifest = await readManifest(directory);
  const { itemCount: count, checksums, name, dataset, tunedOn, checksum } = manifest;
  const sealed = { most: mostBytesOfItems(count), sha256: checksums[files.items], manifest: MANIFEST };
  const itemIds = await readSealedItems(directory, { ...sealed, count, verb: KEEP_AGAIN });
  const source = { file: join(directory, files.arrays), sha256: checksums[files.arrays] };
  const values = await readTensors(source, manifest.arrays);
  const named = Object.fromEntries(manifest.arrays.map(({ name }, at) => [name, values[at] as LearnedArray]));
  const { recentClicks, ...arrays } = named;
  return new BaselineRecommender({
    name,
    itemIds,
    recommender: restore(source.file, manifest.baseline, arrays),
    recentClicks: recentClicks as Float32Array | undefined,
    dataset,
    tunedOn,
    checksum,
  });
}

/** Whether a location is a folder with a baseline, rather than a model. */
async function isBaselineFolder(location: string | URL): Promise<boolean> {
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
  if (!(await isBaselineFolder(location))) return readModelItemInfo(location);
  const { checksums } = await readManifest(location);
  const sha256 = checksums[files.itemInfo];
  if (sha256 === undefined) return undefined;
  return readSealedFile(location, files.itemInfo, { most: MAX_ITEM_INFO_BYTES, sha256, manifest: MANIFEST });
}

function restore(
  file: string,
  { name, options }: RecommenderManifest['baseline'],
  arrays: NamedArrays,
): Baseline {
  try {
    return restoreBaseline(
      { name, options: replaced(options, 'Infinity', Number.POSITIVE_INFINITY) },
      arrays,
    );
  } catch (cause) {
    throw new ModelError(file, `holds no ${name} that this program has`, { cause });
  }
}

/** Files of which a folder has one if it may be replaced: a model's or a recommender's. */
const MARKERS = ['model.json', MANIFEST];

/**
 * Writes a recommender folder, completely or not at all. A GRU4Rec becomes a model folder, as `save` writes it.
 * @param directory - created, or replaced if it holds a model or a recommender.
 * @param info.itemInfo - content of `item-info.jsonl`.
 * @throws ModelError if the folder holds something else or cannot be written.
 */
export async function saveRecommender(
  content: RecommenderContent<Gru4Rec | Baseline>,
  directory: string,
  info: Pick<SaveInfo, 'itemInfo'> = {},
): Promise<void> {
  const target = resolve(directory);
  const { recommender, dataset } = content;
  try {
    await replaceFolder(
      target,
      { check: () => checkReplaceable(target, MARKERS) },
      async (folder, scratch) => {
        // Written in the scratch folder, which is removed with what a killed process leaves in it.
        const made = join(scratch, 'made');
        if (recommender instanceof Gru4Rec) await recommender.save(made, { ...info, dataset });
        else await writeBaseline({ ...content, recommender }, made, info);
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

async function writeBaseline(
  { name, recommender, itemIds, recentClicks, dataset, tunedOn = [] }: RecommenderContent<Baseline>,
  directory: string,
  { itemInfo }: Pick<SaveInfo, 'itemInfo'>,
): Promise<void> {
  const named = Object.entries({ ...arraysOfBaseline(recommender), ...(recentClicks && { recentClicks }) });
  const arrays = named.map(([name, values]) => {
    return { name, type: typeOfArray(values), rows: values.length, values };
  });
  const contents = {
    [files.items]: itemChunks(itemIds),
    [files.arrays]: tensorChunks(arrays),
    ...(itemInfo && { [files.itemInfo]: [itemInfo] }),
  };
  const { name: kind, options } = recommender.from;
  await writeFolder(directory, contents, {
    name: MANIFEST,
    make: (checksums) =>
      sealManifest({
        format: FORMAT,
        version: VERSION,
        name,
        itemCount: itemIds.length,
        baseline: {
          name: kind,
          version: BASELINE_VERSION,
          options: replaced(options, Number.POSITIVE_INFINITY, 'Infinity'),
        },
        arrays: arrays.map(({ values: _, ...entry }) => entry),
        dataset,
        tunedOn,
        checksums,
      }),
  });
}
