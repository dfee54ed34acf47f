export { associationRules } from './association-rules.ts';
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
export { markov } from './markov.ts';
export {
  type MixBy,
  type MixOptions,
  mix,
  type RowScale,
  rowScale,
  SCALED_HEAD,
  scaledValue,
} from './mix.ts';
export { pop } from './pop.ts';
export { type RecentPopOptions, recentPop } from './recent-pop.ts';
export type { BaselineName } from './registry.ts';
export type { RuleOptions } from './rules.ts';
export { type SequentialRulesOptions, sequentialRules } from './sequential-rules.ts';
export { type SessionKnnOptions, sessionKnn } from './session-knn.ts';
export { sessionPop } from './session-pop.ts';
export type { NeighbourhoodOptions } from './session-weights.ts';
export { type StanOptions, stan } from './stan.ts';
export { type MixGoal, type MixPoint, type TunedMix, type TuneMixOptions, tuneMix } from './tune-mix.ts';
export {
  type PositionDecay,
  type ScoreDecay,
  type VectorSessionKnnOptions,
  vectorSessionKnn,
} from './vector-session-knn.ts';
export { type VstanOptions, vstan } from './vstan.ts';
