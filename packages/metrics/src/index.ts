export type { SessionArrays } from '@gru4rec/batcher';
export {
  type BootstrapOptions,
  bootstrapIntervals,
  meanIntervals,
  type PairedComparison,
  type PairedDifference,
  pairedBootstrap,
  type RankBootstrapOptions,
  type RankedRun,
  type Runs,
} from './bootstrap.ts';
export {
  breakDownByPopularity,
  breakDownByPosition,
  breakDownBySessionLength,
  type RankGroup,
  type TargetFigures,
  TargetSums,
  type WarmAndCold,
  warmAndColdSums,
} from './breakdown.ts';
export {
  type Choice,
  conditionalLogit,
  minimize,
  type Objective,
  type Penalty,
} from './conditional-logit.ts';
export {
  type ArmComparison,
  type ArmFigure,
  type ArmSizes,
  compareArms,
  type Estimate,
  halfWidth,
  meanFigure,
  type PairSums,
  ratioFigure,
  sizesEvidence,
  visitorsFor,
} from './confidence-sequence.ts';
export { evaluate, evaluateAsync, PartEvaluator, turns } from './evaluate.ts';
export { joinParts } from './joined-parts.ts';
export { cosine, type ItemVectors, unitVectors } from './list-distance.ts';
export type { Metric } from './metrics/metric.ts';
export {
  checkedMetric,
  isMetric,
  type MetricName,
  type MetricOptions,
  mapMetrics,
  metricAt,
  metricNames,
  metrics,
  type PerMetric,
} from './metrics/registry.ts';
export {
  cutoffsOf,
  type EvaluateAsyncOptions,
  type EvaluateOptions,
  type EvaluationProgress,
  type Reordering,
} from './options.ts';
export { PROTOCOLS, type Protocol } from './plan.ts';
export { rankOf, TIE_RULES, type TieRule } from './rank.ts';
export type { Ranks } from './ranks.ts';
export { drawSessions, type SessionSample, sampleParts, sampleSessions } from './sample.ts';
export type { Ranker, RankingSession, Scorer, ScoringSession, TargetRanks } from './scorer.ts';
export {
  type CutoffResult,
  type CutoffSums,
  type Evaluation,
  figuresAt,
  type PartSums,
  type PlaceSums,
} from './tally.ts';
export {
  type ExcludedItems,
  firstByGroup,
  type GroupLimit,
  kthGreatest,
  type Scores,
  topItems,
  topItemsByGroup,
} from './top-items.ts';
export {
  type EvaluationFacts,
  type EvaluationWarning,
  endedBefore,
  evaluationWarnings,
  type SplitOverlap,
  startedAfter,
  type TieCounts,
  type TimedSessions,
  type WarningCode,
} from './warnings.ts';
