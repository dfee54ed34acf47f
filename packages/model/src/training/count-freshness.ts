import type { SessionArrays } from '@gru4rec/batcher';
import { Freshness } from '../freshness.ts';
import type { Gru4Rec } from '../gru4rec.ts';
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

/** What is counted. */
export interface Counted extends Pick<TrainingData, 'itemIds' | 'train'> {
  /** The model that training continues: its items count on from its last click. */
  readonly from: Gru4Rec | undefined;
  /** Clicks from here on are left out. */
  readonly untilMs?: number;
}

/**
 * Counts training clicks.
 * @throws RangeError if they have no times.
 */
export async function countFreshness(
  config: ModelConfig,
  { itemIds, train, from, untilMs = Number.POSITIVE_INFINITY }: Counted,
): Promise<Freshness> {
  const freshness = new Freshness(config, itemIds.length, from?.tensors);
  const sinceMs = freshness.nowMs;
  const counted = Uint8Array.from({ length: itemIds.length }, (_, item) => Number(freshness.exists(item)));
  const blocks = areOnDisk(train) ? train.blocks.length : 1;
  for (let index = 0; index < blocks; index++) {
    const { items, times } = withTimes(areOnDisk(train) ? await train.read(index) : train);
    for (let event = 0; event < items.length; event++) {
      const [item, timeMs] = [Number(items[event]), Number(times[event])];
      if (timeMs < untilMs && (timeMs > sinceMs || counted[item] === 0)) freshness.observe(item, timeMs);
    }
  }
  return freshness;
}

/** @throws RangeError if a split of a training with freshness has no times. */
export function checkTimes(
  config: ModelConfig,
  ...splits: readonly (TrainingData['train'] | SessionArrays | undefined)[]
): void {
  if (config.freshness === 'none') return;
  for (const split of splits) if (split && 'items' in split) withTimes(split);
}

/** The tensors of a training, with the freshness of items after the last click; the same without freshness. */
export async function withFreshness<T extends { readonly tensors: readonly StoredTensor[] }>(
  trained: T,
  config: ModelConfig,
  data: Counted,
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
