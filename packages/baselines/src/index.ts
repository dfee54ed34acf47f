export type { BaselineData, BaselineKind, BaselineOptions } from './baseline-kind.ts';
export { type BprMfOptions, type BprRegularisation, bprMf } from './bpr-mf.ts';
export {
  arraysOfBaseline,
  BASELINE_VERSION,
  type Baseline,
  baselineNames,
  baselineTitle,
  createBaseline,
  isSeeded,
  type LearnedBaseline,
  openBaseline,
  restoreBaseline,
  shareLearned,
} from './create-baseline.ts';
export { type ItemKnnOptions, itemKnn } from './item-knn.ts';
export type { LearnedArray, NamedArrays } from './learned-arrays.ts';
export {
  type MixOptions,
  mix,
  type RowScale,
  rowScale,
  SCALED_HEAD,
  scaledValue,
} from './mix.ts';
export {
  type PositionDecay,
  type ScoreDecay,
  type SessionKnnOptions,
  type StanOptions,
  sessionKnn,
  stan,
  type VectorSessionKnnOptions,
  type VstanOptions,
  vectorSessionKnn,
  vstan,
} from './neighbour-methods.ts';
export type { NeighbourhoodOptions } from './neighbour-search.ts';
export { pop, type RecentPopOptions, recentPop, sessionPop } from './pop.ts';
export type { BaselineName } from './registry.ts';
export { associationRules, markov, type SequentialRulesOptions, sequentialRules } from './rule-methods.ts';
export type { RuleOptions } from './rules.ts';
export { type MixPoint, type TunedMix, type TuneMixOptions, tuneMix } from './tune-mix.ts';
