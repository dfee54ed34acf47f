import { readFileSync } from 'node:fs';
import type { BaselineName } from '@gru4rec/baselines';
import type { ModelConfigInput } from '@gru4rec/model';
import { parseSpace, type Space } from '@gru4rec/tuning';

const neighbourhood = {
  neighbours: { type: 'integer', low: 50, high: 2000, log: true },
  sampleSize: { type: 'integer', low: 500, high: 10_000, log: true },
};
const pruning = { type: 'choice', options: [20, 50, 100, 200, 500] };
const days = (high: number) => ({ type: 'log-uniform', low: 0.05, high });
const weighting = { type: 'choice', options: ['div', 'linear', 'quadratic', 'log', 'same'] };
const decays = ['none', 'linear', 'quadratic'];
const stanWeights = {
  lambda1: { type: 'log-uniform', low: 0.1, high: 20 },
  lambda2: days(400),
  lambda3: { type: 'log-uniform', low: 0.1, high: 20 },
};

/** Search spaces of the baselines that have options, around and beyond the ranges of the papers. */
export const baselineSpaces: Readonly<Partial<Record<BaselineName, Space>>> = Object.fromEntries(
  Object.entries({
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
      idfWeight: { type: 'uniform', low: 0, high: 10 },
    },
    stan: { ...neighbourhood, ...stanWeights },
    vstan: {
      ...neighbourhood,
      ...stanWeights,
      lambda4: { type: 'log-uniform', low: 0.1, high: 20 },
      idfWeight: { type: 'uniform', low: 0, high: 10 },
    },
  }).map(([name, space]) => [name, parseSpace(space)]),
);

const configs = new URL('../../../../packages/cli/configs/', import.meta.url);
const readConfig = (name: string): unknown => JSON.parse(readFileSync(new URL(name, configs), 'utf8'));

/** Losses of GRU4Rec that the study tunes. */
export const studiedLosses = ['cross-entropy', 'bpr-max'] as const;
/** A loss of {@link studiedLosses}. */
export type StudiedLoss = (typeof studiedLosses)[number];

/** The untuned configuration of a loss. */
export function defaultConfig(loss: StudiedLoss): ModelConfigInput {
  return readConfig(`rsc15-100k-${loss}.json`) as ModelConfigInput;
}

/** The search space of a loss, without a bias of the session's own items. */
export function modelSpace(loss: StudiedLoss): Space {
  const all = parseSpace(readConfig(`spaces/${loss}.json`));
  return Object.fromEntries(Object.entries(all).filter(([name]) => !Object.hasOwn(repeatSpace, name)));
}

/** What is added to the space of a loss to learn a bias of the session's own items. */
export const repeatSpace: Space = parseSpace({
  repeatBias: { type: 'choice', options: ['constant', 'gated'] },
  repeatLength: { type: 'choice', options: [5, 10, 20, 50] },
});
