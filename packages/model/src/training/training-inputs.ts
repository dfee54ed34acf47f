import { type Batcher, SessionParallelBatcher, StreamedBatcher } from '@gru4rec/batcher';
import { PopularitySampler, type SamplingKernels } from '@gru4rec/sampler';
import type { ModelConfig } from '../config.ts';
import { trainedHistoryLength } from '../programs/repeats.ts';
import { areOnDisk, type TrainingData } from './training-data.ts';

/** What draws the samples of a step, and where they are drawn to. */
export interface Negatives {
  readonly sampler: PopularitySampler;
  /** [S] item indices, overwritten by each step. */
  readonly samples: Int32Array;
}

/** @throws RangeError if there is nothing to train on. */
export function batcherOf({ train: sessions }: TrainingData, config: ModelConfig): Batcher {
  const { batchSize, nSample, seed, sessionOrder: order } = config;
  const minLiveSlots = nSample === 0 ? 2 : 1;
  const options = { batchSize, order, seed, minLiveSlots, historyLength: trainedHistoryLength(config) };
  const batcher = areOnDisk(sessions)
    ? new StreamedBatcher({ ...options, data: sessions })
    : new SessionParallelBatcher({ ...options, ...sessions });
  if (batcher.usedSessions >= options.minLiveSlots) return batcher;
  throw new RangeError(
    nSample === 0
      ? 'train: expected two or more sessions of two or more events, as nSample is 0, got fewer.'
      : 'train: expected sessions of two or more events, got none. Nothing follows anything.',
  );
}

/** @returns undefined where nothing is sampled. */
export function negativesOf(
  { support }: TrainingData,
  { nSample, sampleAlpha: alpha, seed }: ModelConfig,
  kernels: SamplingKernels | undefined,
): Negatives | undefined {
  if (nSample === 0 || nSample === 'all') return undefined;
  const sampler = new PopularitySampler({ support, alpha, seed, kernels });
  return { sampler, samples: new Int32Array(nSample) };
}
