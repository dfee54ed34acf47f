import { createBaseline } from '@gru4rec/baselines';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { type Gru4Rec, parseConfig, train } from '@gru4rec/model';
import { tinySessions } from '@gru4rec/test-support';
import type { RecommenderPart, RecommenderParts } from '../src/index.ts';

export const engine = createWasmEngine({ threads: 1 });

const { itemIds, support, ...sessions } = tinySessions({ sessions: 900, items: 700, seed: 3 });
/** Sessions of 700 items. */
export const data = { itemIds, support, train: sessions };

/** Trains a model for an epoch. */
export function trainTiny(values: Record<string, unknown> = {}, on = data): Promise<Gru4Rec> {
  const tiny = { layers: [12], batchSize: 6, nSample: 16, nEpochs: 1, learningRate: 0.1 };
  return train(on, parseConfig({ ...tiny, ...values }), { engine, validation: sessions });
}

/** A part that is a baseline with these options. */
export function baseline(
  name: string,
  weight = 0.5,
  options: Readonly<Record<string, unknown>> = {},
): RecommenderPart {
  return { recommender: createBaseline(name, data, options), weight };
}

/** What these parts are called and are made of. */
export function partsOf(name: string, parts: readonly RecommenderPart[]): RecommenderParts {
  const recentClicks = Float32Array.from(itemIds, (_, item) => (item * 7) % 31);
  return { name, itemIds, parts, recentClicks };
}
