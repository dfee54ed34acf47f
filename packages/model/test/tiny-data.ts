import { tinySessions } from '@gru4rec/test-support';
import { type ModelConfig, parseConfig } from '../src/config.ts';
import type { TrainingData } from '../src/training-data.ts';

/** A seeded dataset of 40 sessions over 30 items. */
export function tinyData(seed = 3): TrainingData {
  const { itemIds, support, ...train } = tinySessions({ sessions: 40, items: 30, seed });
  return { itemIds, support, train };
}

/** A model that trains in milliseconds. */
export function tinyConfig(values: Record<string, unknown> = {}): ModelConfig {
  return parseConfig({ layers: [12], batchSize: 6, nSample: 16, nEpochs: 2, learningRate: 0.1, ...values });
}
