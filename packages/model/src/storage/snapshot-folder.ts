import { join } from 'node:path';
import type { ItemIds } from '@gru4rec/item-ids';
import { ConfigError, parseConfig } from '../config.ts';
import type { EpochRecord } from '../training/epoch-record.ts';
import type { TrainingSnapshot } from '../training/training-snapshot.ts';
import { itemChunks, readItems } from './arrow-files.ts';
import { ModelError } from './model-error.ts';
import { readModelFile } from './model-file.ts';
import { MAX_ITEMS_BYTES, MAX_MANIFEST_BYTES } from './model-limits.ts';
import { parseSnapshotManifest, type SnapshotManifest, snapshotManifest } from './snapshot-manifest.ts';
import { readValues, valueChunks } from './snapshot-values.ts';
import type { SnapshotTensor } from './stored-tensor.ts';
import { writeModelFolder } from './write-model-folder.ts';

const MANIFEST = 'snapshot.json';
const files = { values: 'tensors.bin', items: 'items.arrow' } as const;

/**
 * Writes a snapshot as a checkpoint folder, completely or not at all.
 *
 * @param directory - created, or replaced if it holds a snapshot.
 * @throws ModelError if it holds something else or cannot be written.
 */
export async function saveSnapshot(snapshot: TrainingSnapshot, directory: string): Promise<void> {
  const contents = {
    [files.values]: valueChunks([...snapshot.tensors, ...(snapshot.stopping?.best?.tensors ?? [])]),
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
  const { format: _, version: __, files: checksums, checksum: ___, tensors, stopping, ...rest } = manifest;
  const values = { file: join(directory, files.values), sha256: checksums[files.values] };
  const read = await readValues(values, [...tensors, ...(stopping?.best?.tensors ?? [])]);
  const itemIds = await readItemIds(directory, checksums[files.items]);
  const best = stopping?.best && { ...stopping.best, tensors: read.slice(tensors.length).map(inFloat32) };
  return {
    ...rest,
    config: configOf(directory, manifest),
    itemIds,
    tensors: read.slice(0, tensors.length),
    stopping: stopping && { ...stopping, best },
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

async function readItemIds(directory: string, checksum: string | undefined): Promise<ItemIds> {
  const file = join(directory, files.items);
  const { bytes, sha256 } = await readModelFile(directory, files.items, MAX_ITEMS_BYTES);
  if (sha256 === checksum) return readItems(file, bytes);
  throw new ModelError(file, `differs from the checksum in ${MANIFEST}: it is truncated or was altered`);
}

function configOf(directory: string, { config }: SnapshotManifest): TrainingSnapshot['config'] {
  try {
    return parseConfig(config);
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    throw new ModelError(join(directory, MANIFEST), 'holds a configuration that is not valid', { cause });
  }
}

function inFloat32(tensor: SnapshotTensor): SnapshotTensor & { values: Float32Array } {
  const { values } = tensor;
  return { ...tensor, values: values instanceof Float32Array ? values : Float32Array.from(values) };
}
