import { type DatasetManifest, readBlocks } from '@gru4rec/dataset';
import type { ModelConfig } from '@gru4rec/model';
import { openDataset, readDataset, readManifest } from '../arguments/read-inputs.ts';
import type { TrainingDataset } from './train-model.ts';

export interface TrainingSource {
  readonly dataset: TrainingDataset;
  readonly manifest: DatasetManifest;
  /** Time of the last training click, in milliseconds since 1970 UTC. */
  lastMs(): Promise<number>;
  close(): Promise<void>;
}

export interface SourceOptions {
  readonly config: Pick<ModelConfig, 'sessionOrder'>;
  readonly expectFits?: (items: number) => void;
  readonly free?: number;
}

const EVENT_BYTES = 12;
/** Bytes of a session in memory: offset, start and an id of about 40 characters. */
const SESSION_BYTES = 64;

/** Streams sessions in the configured order that would take over a quarter of free memory; the model is the same. */
export async function openTrainingSource(
  directory: string,
  { config, expectFits, free = process.availableMemory() }: SourceOptions,
): Promise<TrainingSource> {
  const { items, splits } = (await readManifest(directory)).counts;
  expectFits?.(items);
  const { train } = splits;
  const bytes = train ? EVENT_BYTES * train.events + SESSION_BYTES * train.sessions : 0;
  const source = bytes > free / 4 ? await openStream(directory, config) : undefined;
  if (source) return source;
  const dataset = await readDataset(directory);
  const lastMs = async () => latest(dataset.train.times);
  return { dataset, manifest: dataset.manifest, lastMs, close: () => Promise.resolve() };
}

/** @returns undefined if the sessions are not stored in the order that the configuration requires. */
async function openStream(
  directory: string,
  { sessionOrder }: SourceOptions['config'],
): Promise<TrainingSource | undefined> {
  const { train, validation, manifest, close, ...items } = await openDataset(directory);
  try {
    if (sessionOrder === 'time' && !train.inTimeOrder) {
      await close();
      return undefined;
    }
    // Validation ranks the same sessions after every epoch: they stay in memory.
    const heldOut = validation && { validation: await readBlocks(validation) };
    const lastMs = async () => {
      let last = Number.NEGATIVE_INFINITY;
      for (const index of train.blocks.keys()) last = latest((await train.read(index)).times, last);
      return last;
    };
    const { itemIds, support, itemFeatures, contextColumns } = items;
    const dataset = { itemIds, support, train, ...heldOut, itemFeatures, contextColumns };
    return { dataset, manifest, lastMs, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Time of the latest click, or another one that is later. */
export function latest(times: BigInt64Array, other: number = Number.NEGATIVE_INFINITY): number {
  return times.reduce((most, time) => Math.max(most, Number(time)), other);
}
