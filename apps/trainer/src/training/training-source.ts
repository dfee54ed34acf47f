import type { ModelConfig } from '@gru4rec/model';
import { type DatasetManifest, readBlocks } from '@gru4rec/sessions';
import { openDataset, readDataset, readManifest } from '../arguments/read-inputs.ts';
import type { Data } from './train-model.ts';

/** The dataset of a training run, read into memory or opened. */
export interface TrainingSource {
  readonly data: Data;
  readonly manifest: DatasetManifest;
  /** To be called when training has ended. */
  close(): Promise<void>;
}

/** How a training run reads. */
export interface SourceOptions {
  /** Whether to stream; undefined: where the sessions would take more than a quarter of the memory that is free. */
  readonly stream: boolean | undefined;
  readonly config: Pick<ModelConfig, 'sessionOrder' | 'patience'>;
  /** Bytes of memory that are free. */
  readonly free?: number;
}

/** Bytes in memory: item and time; offset, start, and an id of some 40 characters. */
const EVENT_BYTES = 12;
const SESSION_BYTES = 64;

/**
 * Opens the dataset of a training run. Its model is the same bit for bit, streamed or not.
 *
 * @throws DataError naming what is wrong with the dataset; Error if it is to be streamed and does not lie in the
 *   order that the configuration asks for.
 */
export async function openTrainingSource(
  directory: string,
  { stream, config, free = process.availableMemory() }: SourceOptions,
): Promise<TrainingSource> {
  const { train } = (await readManifest(directory)).counts.splits;
  const bytes = train ? EVENT_BYTES * train.events + SESSION_BYTES * train.sessions : 0;
  if (stream ?? bytes > free / 4) {
    const source = await openStream(directory, config);
    if (source) return source;
    if (stream) {
      throw new Error(
        `--stream expected sessions in order of their first events, as prepare writes them, got others in ${directory}. ` +
          'Use --no-stream, or --set sessionOrder=stored',
      );
    }
  }
  const data = await readDataset(directory);
  return { data, manifest: data.manifest, close: () => Promise.resolve() };
}

/** @returns undefined if the sessions do not lie in the order that they are to be fed in. */
async function openStream(
  directory: string,
  { sessionOrder, patience }: SourceOptions['config'],
): Promise<TrainingSource | undefined> {
  const { itemIds, support, train, validation, manifest, close } = await openDataset(directory);
  try {
    if (sessionOrder === 'time' && !train.inTimeOrder) {
      await close();
      return undefined;
    }
    // Validation ranks the same sessions after every epoch: they stay in memory.
    const heldOut = patience > 0 && validation ? { validation: await readBlocks(validation) } : {};
    return { data: { itemIds, support, train, ...heldOut }, manifest, close };
  } catch (error) {
    await close();
    throw error;
  }
}
