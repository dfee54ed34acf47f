import type { SessionArrays } from '@gru4rec/batcher';
import { Freshness } from '../freshness.ts';
import type { ModelConfig } from '../model-config.ts';
import type { StoredTensor } from '../storage/stored-tensor.ts';
import { areOnDisk, type TrainingData } from './training-data.ts';

/** Sessions with the time of each event. */
export type TimedArrays = SessionArrays & Required<Pick<SessionArrays, 'times'>>;

/** @throws RangeError if the sessions have no times. */
export function withTimes(sessions: SessionArrays): TimedArrays {
  const { times } = sessions;
  if (times) return { ...sessions, times };
  throw new RangeError(
    'train: freshness expected sessions with "times", one per event in milliseconds, got none.',
  );
}

/**
 * Counts all training clicks.
 * @throws RangeError if they have no times.
 */
export async function countFreshness(
  config: ModelConfig,
  { itemIds, train }: Pick<TrainingData, 'itemIds' | 'train'>,
): Promise<Freshness> {
  const freshness = new Freshness(config, itemIds.length);
  const blocks = areOnDisk(train) ? train.blocks.length : 1;
  for (let index = 0; index < blocks; index++) {
    const { items, times } = withTimes(areOnDisk(train) ? await train.read(index) : train);
    for (let event = 0; event < items.length; event++) {
      freshness.observe(Number(items[event]), Number(times[event]));
    }
  }
  return freshness;
}

/** The tensors of a training, with the freshness of items after the last click; the same without freshness. */
export async function withFreshness<T extends { readonly tensors: readonly StoredTensor[] }>(
  trained: T,
  config: ModelConfig,
  data: Pick<TrainingData, 'itemIds' | 'train'>,
): Promise<T> {
  if (config.freshness === 'none') return trained;
  const counted = await countFreshness(config, data);
  const read = (name: string) => trained.tensors.find((tensor) => tensor.name === name)?.values ?? [];
  const values = counted.values(read);
  const tensors = trained.tensors.map((tensor) => ({
    ...tensor,
    values: values.get(tensor.name) ?? tensor.values,
  }));
  return { ...trained, tensors };
}
