export type { BaselineData, BaselineKind, BaselineOptions } from './baseline-kind.ts';
export type { BprMfOptions, BprRegularisation } from './bpr-mf.ts';
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
export type { ItemKnnOptions } from './item-knn.ts';
export type { LearnedArray, NamedArrays } from './learned-arrays.ts';
export type {
  PositionDecay,
  ScoreDecay,
  SessionKnnOptions,
  StanOptions,
  VectorSessionKnnOptions,
  VstanOptions,
} from './neighbour-methods.ts';
export type { NeighbourhoodOptions } from './neighbour-search.ts';
export type { RecentPopOptions } from './pop.ts';
export type { BaselineName } from './registry.ts';
export type { SequentialRulesOptions } from './rule-methods.ts';
export type { RuleOptions } from './rules.ts';
