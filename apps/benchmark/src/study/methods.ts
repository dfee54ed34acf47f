import { readFileSync } from 'node:fs';
import { type BaselineName, baselineNames, baselineTitle } from '@gru4rec/baselines';
import { type JsonObject, parseSpace, type Space } from '@gru4rec/tuning';

export interface Method {
  readonly id: string;
  readonly title: string;
  readonly family: 'baseline' | 'gru4rec';
  readonly defaults: JsonObject;
  /** Undefined if it has nothing to tune. */
  readonly space: Space | undefined;
}

const neighbourhood = {
  neighbours: { type: 'integer', low: 50, high: 2000, log: true },
  sampleSize: { type: 'integer', low: 500, high: 10_000, log: true },
};
const pruning = { type: 'choice', options: [20, 50, 100, 200, 500] };
const days = (high: number) => ({ type: 'log-uniform', low: 0.05, high });
const weighting = { type: 'choice', options: ['div', 'linear', 'quadratic', 'log', 'same'] };
const decays = ['none', 'linear', 'quadratic'];
const idfWeight = { type: 'uniform', low: 0, high: 10 };
const lambda = { type: 'log-uniform', low: 0.1, high: 20 };
const stan = { ...neighbourhood, lambda1: lambda, lambda2: days(400), lambda3: lambda };

/** Search spaces of the baselines that have options, around and beyond the ranges of the papers. */
const spaces: Readonly<Partial<Record<BaselineName, object>>> = {
  'r-pop': { days: days(60) },
  sr: { steps: { type: 'integer', low: 1, high: 20 }, weighting, pruning },
  ar: { pruning },
  'item-knn': {
    neighbours: { type: 'integer', low: 20, high: 500, log: true },
    lambda: { type: 'uniform', low: 0, high: 80 },
    alpha: { type: 'uniform', low: 0, high: 1 },
  },
  'bpr-mf': {
    factors: { type: 'choice', options: [32, 64, 100] },
    epochs: { type: 'integer', low: 5, high: 20 },
    learningRate: { type: 'log-uniform', low: 0.01, high: 0.2 },
  },
  's-knn': { ...neighbourhood, similarity: { type: 'choice', options: ['cosine', 'jaccard'] } },
  'v-sknn': {
    ...neighbourhood,
    decay: { type: 'choice', options: decays },
    scoreDecay: { type: 'choice', options: [...decays, 'div'] },
    idfWeight,
  },
  stan,
  vstan: { ...stan, lambda4: lambda, idfWeight },
};

const baselines = baselineNames.map((name): Method => {
  const space = spaces[name] && parseSpace(spaces[name]);
  return { family: 'baseline', id: name, title: baselineTitle(name), defaults: {}, space };
});

const configs = new URL('../../../../packages/cli/configs/', import.meta.url);
const readConfig = (name: string): JsonObject => JSON.parse(readFileSync(new URL(name, configs), 'utf8'));

const models = (['cross-entropy', 'bpr-max'] as const).map((loss): Method => {
  // Parts are fitted after the epochs that a study measures.
  const { parts: _, repeatLength: __, ...space } = parseSpace(readConfig(`spaces/${loss}.json`));
  const defaults = readConfig(`rsc15-100k-${loss}.json`);
  return { family: 'gru4rec', id: `gru4rec-${loss}`, title: `GRU4Rec ${loss}`, defaults, space };
});

export const methods: readonly Method[] = [...baselines, ...models];
