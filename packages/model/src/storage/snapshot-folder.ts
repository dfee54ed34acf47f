import { join } from 'node:path';
import type { EpochRecord } from '../training/epoch-record.ts';
import type { TrainingSnapshot } from '../training/training-snapshot.ts';
import { inFloat32 } from '../training/variables.ts';
import { itemChunks, readItems } from './arrow-files.ts';
import { storedConfig } from './manifest.ts';
import { readModelFile, readSealedFile } from './model-file.ts';
import { MAX_ITEMS_BYTES, MAX_MANIFEST_BYTES } from './model-limits.ts';
import {
  parseSnapshotManifest,
  type SnapshotManifest,
  snapshotManifest,
  type TensorRecord,
} from './snapshot-manifest.ts';
import type { SnapshotTensor } from './stored-tensor.ts';
import { readTensors, tensorChunks } from './tensor-file.ts';
import { writeModelFolder } from './write-model-folder.ts';

const MANIFEST = 'snapshot.json';
const files = { values: 'tensors.safetensors', items: 'items.arrow' } as const;

/**
 * Writes a snapshot as a checkpoint folder, completely or not at all.
 *
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

/**
 * Reads a checkpoint folder and checks all of it.
 *
 * @throws ModelError naming the file: missing, foreign, another version, truncated or altered (checksum).
 */
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
  const itemIds = readItems(
    join(directory, files.items),
    await readSealedFile(directory, files.items, items),
  );
  const found = { tensors: take(tensors), best: take(stopping?.best?.tensors ?? []) };
  const best = stopping?.best && {
    ...stopping.best,
    tensors: found.best.map((tensor) => ({ ...tensor, values: inFloat32(tensor.values) })),
  };
  return {
    ...rest,
    config: storedConfig(join(directory, MANIFEST), manifest.config),
    itemIds,
    tensors: found.tensors,
    stopping: stopping && { ...stopping, best },
    average: average && { ...average, tensors: take(average.tensors) },
  };
}

/**
 * The finished epochs of a checkpoint folder, without reading its tensors.
 * @throws ModelError as `readSnapshot`, but only for the manifest.
 */
export async function readSnapshotHistory(directory: string): Promise<readonly EpochRecord[]> {
  return (await readManifest(directory)).history;
}

async function readManifest(directory: string): Promise<SnapshotManifest> {
  const { bytes } = await readModelFile(directory, MANIFEST, MAX_MANIFEST_BYTES);
  return parseSnapshotManifest(join(directory, MANIFEST), new TextDecoder().decode(bytes));
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
