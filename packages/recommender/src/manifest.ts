import { BASELINE_VERSION, type BaselineOptions } from '@gru4rec/baselines';
import { show } from '@gru4rec/checked-options';
import { type DatasetReference, ModelError } from '@gru4rec/model';
import { arrayTypeNames, parseManifest, type TensorEntry } from '@gru4rec/model/storage';
import { z } from 'zod';

/** The manifest of a folder with a baseline or a mix. */
export const MANIFEST = 'recommender.json';
/** Files of such a folder; models are in folders of their own, `part-1` and so on. */
export const files = {
  items: 'items.arrow',
  arrays: 'arrays.safetensors',
  itemInfo: 'item-info.jsonl',
} as const;

/** Of every such manifest. */
export const FORMAT = 'gru4rec-recommender';
/** Of the manifests that this program writes and reads. */
export const VERSION = 2;

/** A GRU4Rec of a mix, in its own model folder. */
export interface ModelRecord {
  readonly kind: 'model';
  readonly weight: number;
  readonly folder: string;
  /** Of the manifest of the model. */
  readonly checksum: string;
}

/** A baseline, alone or in a mix. */
export interface BaselineRecord {
  readonly kind: 'baseline';
  readonly weight: number;
  readonly name: string;
  /** `BASELINE_VERSION` of the program that wrote it. */
  readonly version: number;
  readonly options: Readonly<Record<string, unknown>>;
}

/** The content of a manifest. */
export interface RecommenderManifest {
  readonly name: string;
  readonly itemCount: number;
  readonly parts: readonly (ModelRecord | BaselineRecord)[];
  /** Those of a part as `part-<n>.<name>`, and `recentClicks` if there are any. */
  readonly arrays: readonly TensorEntry[];
  readonly dataset?: DatasetReference;
  readonly tunedOn: readonly string[];
  /** SHA-256 of each file. */
  readonly checksums: Readonly<Record<string, string>>;
  readonly checksum: string;
}

const checksum = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits');
const weight = z.number().nonnegative();
const array = z.object({ name: z.string(), type: z.enum(arrayTypeNames), rows: z.int().nonnegative() });
const modelSchema = { kind: z.literal('model'), weight, folder: z.string().regex(/^part-\d+$/), checksum };
const baselineSchema = {
  ...{ kind: z.literal('baseline'), weight, name: z.string(), version: z.number() },
  ...{ options: z.record(z.string(), z.unknown()) },
};

const manifestSchema = z.object({
  ...{ format: z.literal(FORMAT), version: z.literal(VERSION), name: z.string() },
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

/** What to do again if a folder is damaged, for messages. */
export const KEEP_AGAIN = 'keep';

/** @throws ModelError if it is altered, of another version, or has a baseline of another version. */
export function readManifestText(file: string, text: string): RecommenderManifest {
  const manifest = parseManifest<RecommenderManifest>(file, text, {
    format: FORMAT,
    version: VERSION,
    name: 'a recommender',
    schema: manifestSchema,
    made: { command: 'compare --keep', verb: KEEP_AGAIN },
  });
  for (const part of manifest.parts) {
    if (part.kind !== 'baseline' || part.version === BASELINE_VERSION) continue;
    const found = `holds ${show(part.name)} of version ${part.version}; this program reads ${BASELINE_VERSION}`;
    throw new ModelError(file, `${found}. Keep it again, or use the release that wrote it`);
  }
  return manifest;
}

/** Options as JSON, which has no Infinity. */
export function optionsToJson(options: BaselineOptions): Record<string, unknown> {
  return mapOptions(options, (value) => (value === Number.POSITIVE_INFINITY ? 'Infinity' : value));
}

/** The options of `optionsToJson`. */
export function optionsFromJson(options: Readonly<Record<string, unknown>>): BaselineOptions {
  return mapOptions(options, (value) => (value === 'Infinity' ? Number.POSITIVE_INFINITY : value));
}

function mapOptions(
  options: Readonly<Record<string, unknown>>,
  change: (value: unknown) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name, change(value)]));
}
