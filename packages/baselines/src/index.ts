export { associationRules } from './association-rules.ts';
export type { BaselineData } from './baseline-data.ts';
export type { BaselineKind, BaselineOptions } from './baseline-kind.ts';
export type { BprMfOptions, BprRegularisation } from './bpr-factors.ts';
export { bprMf } from './bpr-mf.ts';
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
export { itemKnn } from './item-knn.ts';
export { markov } from './markov.ts';
export { type MixOptions, mix } from './mix.ts';
export { type MixBy, type RowScale, rowScale, SCALED_HEAD, scaledValue } from './mix-values.ts';
export type { NeighbourhoodOptions } from './neighbourhood.ts';
export type { ItemKnnOptions } from './neighbours.ts';
export { pop } from './pop.ts';
export { type RecentPopOptions, recentPop } from './recent-pop.ts';
export type { BaselineName } from './registry.ts';
export type { SparseRow } from './row-ranking.ts';
export type { RuleOptions } from './rule-options.ts';
export { isSparse, type SparseSession } from './score-rows.ts';
export { type SequentialRulesOptions, sequentialRules } from './sequential-rules.ts';
export { type SessionKnnOptions, sessionKnn } from './session-knn.ts';
export { sessionPop } from './session-pop.ts';
export type { LearnedArray } from './shared-arrays.ts';
export { type StanOptions, stan } from './stan.ts';
export type { NamedArrays } from './stored-arrays.ts';
export { type MixGoal, type MixPoint, type TunedMix, type TuneMixOptions, tuneMix } from './tune-mix.ts';
export {
  type PositionDecay,
  type ScoreDecay,
  type VectorSessionKnnOptions,
  vectorSessionKnn,
} from './vector-session-knn.ts';
export { type VstanOptions, vstan } from './vstan.ts';
