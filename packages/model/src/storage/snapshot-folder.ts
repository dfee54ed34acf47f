import { join } from 'node:path';
import { z } from 'zod';
import { type EpochRecord, historySchema } from '../training/epoch-record.ts';
import type { TrainingSnapshot } from '../training/training-snapshot.ts';
import { inFloat32 } from '../training/variables.ts';
import { ITEMS, itemChunks, readSealedItems } from './arrow-files.ts';
import { parseManifest, sealManifest, storedConfig } from './manifest.ts';
import { readModelFile, readTensors, tensorChunks, writeModelFolder } from './model-file.ts';
import { MAX_ITEMS_BYTES, MAX_MANIFEST_BYTES } from './model-limits.ts';
import type { SnapshotTensor } from './tensors.ts';

const FORMAT = 'gru4rec-snapshot';
const VERSION = 2;
const MANIFEST = 'snapshot.json';
const files = { values: 'tensors.safetensors', items: ITEMS } as const;

const count = z.int().nonnegative();
const fact = z.union([z.string(), z.number(), z.boolean()], 'expected a string, a number, true or false');

const tensorRecord = z.object({
  name: z.string(),
  kind: z.enum(['parameter', 'table', 'slot', 'state', 'constant']),
  type: z.enum(['F32', 'F64']),
  rows: z.int().positive(),
  cols: z.int().positive(),
});

const manifestSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  config: z.record(z.string(), z.unknown()),
  data: z.string(),
  engine: z.record(z.string(), fact),
  before: z.object({ epochs: count, steps: count }),
  history: historySchema,
  steps: count,
  epoch: z.object({
    epoch: z.int().positive(),
    steps: count,
    events: count,
    lossSum: z.number(),
    seconds: z.number(),
  }),
  lastFiniteLoss: z.number().optional(),
  zeroLoss: z.object({ steps: count, events: count, lossSum: z.number() }),
  batcher: z.object({
    epoch: count,
    step: count,
    nextSession: count,
    slots: z.array(z.object({ session: count, event: count }).nullable()),
  }),
  stopping: z
    .object({
      epochsSince: count,
      best: z.object({ epoch: count, value: z.number(), tensors: z.array(tensorRecord) }).optional(),
    })
    .optional(),
  average: z.object({ epochs: z.int().positive(), tensors: z.array(tensorRecord) }).optional(),
  tensors: z.array(tensorRecord),
  files: z.record(z.string(), z.string()),
  checksum: z.string(),
});

type SnapshotManifest = z.output<typeof manifestSchema>;
type TensorRecord = z.output<typeof tensorRecord>;

/**
 * Writes a snapshot as a checkpoint folder, completely or not at all.
 * @param directory - created, or replaced if it holds a snapshot.
 * @throws ModelError if it holds something else or cannot be written.
 */
export async function saveSnapshot(snapshot: TrainingSnapshot, directory: string): Promise<void> {
  const { tensors, stopping, average } = snapshot;
  const contents = {
    [files.values]: tensorChunks(renamed(tensors, stopping?.best?.tensors, average?.tensors)),
    [files.items]: itemChunks(snapshot.itemIds),
  };
  await writeModelFolder(directory, contents, {
    name: MANIFEST,
    make: (checksums) => snapshotManifest(snapshot, checksums),
  });
}

/** Reads a checkpoint folder and checks all of it. @throws ModelError naming the file. */
export async function readSnapshot(directory: string): Promise<TrainingSnapshot> {
  const manifest = await readManifest(directory);
  const { format: _, version: __, files: checksums, checksum: ___, ...known } = manifest;
  const { tensors, stopping, average, ...rest } = known;
  const source = { file: join(directory, files.values), sha256: checksums[files.values] };
  const arrays = await readTensors(source, renamed(tensors, stopping?.best?.tensors, average?.tensors));
  const take = (records: readonly TensorRecord[]): SnapshotTensor[] =>
    records.map(({ name, kind, rows, cols }) => {
      return { name, kind, rows, cols, values: arrays.shift() as SnapshotTensor['values'] };
    });
  const items = { most: MAX_ITEMS_BYTES, sha256: checksums[files.items], manifest: MANIFEST };
  const itemIds = await readSealedItems(directory, items);
  const groups = { tensors: take(tensors), best: take(stopping?.best?.tensors ?? []) };
  const best = stopping?.best && {
    ...stopping.best,
    tensors: groups.best.map((tensor) => ({ ...tensor, values: inFloat32(tensor.values) })),
  };
  return {
    ...rest,
    config: storedConfig(join(directory, MANIFEST), manifest.config),
    itemIds,
    tensors: groups.tensors,
    stopping: stopping && { ...stopping, best },
    average: average && { ...average, tensors: take(average.tensors) },
  };
}

/** The finished epochs of a checkpoint folder, without reading its tensors. */
export async function readSnapshotHistory(directory: string): Promise<readonly EpochRecord[]> {
  return (await readManifest(directory)).history;
}

async function readManifest(directory: string): Promise<SnapshotManifest> {
  const { bytes } = await readModelFile(directory, MANIFEST, MAX_MANIFEST_BYTES);
  const kind = { format: FORMAT, version: VERSION, name: 'a snapshot of training', schema: manifestSchema };
  return parseManifest(join(directory, MANIFEST), new TextDecoder().decode(bytes), kind);
}

/** The tensors of a snapshot, of its best epoch and of its average, by their names in the file. */
function renamed<Tensor extends { readonly name: string }>(
  tensors: readonly Tensor[],
  best: readonly Tensor[] = [],
  average: readonly Tensor[] = [],
): Tensor[] {
  const under = (prefix: string) => (tensor: Tensor) => ({ ...tensor, name: prefix + tensor.name });
  return [...tensors, ...best.map(under('best.')), ...average.map(under('average.'))];
}

function snapshotManifest(
  { itemIds: _, tensors, stopping, average, ...rest }: TrainingSnapshot,
  files: Readonly<Record<string, string>>,
): Uint8Array {
  const best = stopping?.best && { ...stopping.best, tensors: stopping.best.tensors.map(recordOf) };
  return sealManifest({
    format: FORMAT,
    version: VERSION,
    ...rest,
    ...(stopping ? { stopping: { ...stopping, best } } : {}),
    ...(average ? { average: { ...average, tensors: average.tensors.map(recordOf) } } : {}),
    tensors: tensors.map(recordOf),
    files,
  });
}

function recordOf({ name, kind, rows, cols, values }: SnapshotTensor): TensorRecord {
  return { name, kind, type: values instanceof Float64Array ? 'F64' : 'F32', rows, cols };
}
