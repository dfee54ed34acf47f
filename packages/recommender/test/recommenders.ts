import { type Baseline, createBaseline } from '@gru4rec/baselines';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { type Gru4Rec, parseConfig, train } from '@gru4rec/model';
import { tinySessions } from '@gru4rec/test-support';
import type { RecommenderContent } from '../src/index.ts';

export const engine = createWasmEngine({ threads: 1 });

const { itemIds, support, ...sessions } = tinySessions({ sessions: 900, items: 700, seed: 3 });
/** Sessions of 700 items. */
export const data = { itemIds, support, train: sessions };

/** Trains a model for an epoch. */
export function trainTiny(values: Record<string, unknown> = {}): Promise<Gru4Rec> {
  const tiny = { layers: [12], batchSize: 6, nSample: 16, nEpochs: 1, learningRate: 0.1 };
  return train(data, parseConfig({ ...tiny, ...values }), { engine, validation: sessions });
}

/** What the folder of a baseline with these options holds. */
export function contentOf(
  name: string,
  options: Readonly<Record<string, unknown>> = {},
): RecommenderContent<Baseline> {
  const recentClicks = Float32Array.from(itemIds, (_, item) => (item * 7) % 31);
  return { name, itemIds, recommender: createBaseline(name, data, options), recentClicks };
}
