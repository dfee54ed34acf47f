export type { SessionArrays } from '@gru4rec/batcher';
export { type BootstrapOptions, bootstrapIntervals } from './bootstrap.ts';
export {
  breakDownByPopularity,
  breakDownByPosition,
  breakDownBySessionLength,
  type PopularityGroups,
  type RankGroup,
  type TargetFigures,
  TargetSums,
  type WarmAndCold,
  warmAndColdSums,
} from './breakdown.ts';
export { evaluate, evaluateParts, evaluateWithPauses, PartEvaluator } from './evaluate.ts';
export { joinParts } from './joined-parts.ts';
export {
  CatalogueCoverage,
  type ItemEmbeddings,
  MeanPopularity,
  type PlaceSums,
  popularityBias,
} from './list-figures.ts';
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
export type { EvaluateOptions, EvaluationProgress } from './options.ts';
export {
  meanIntervals,
  type PairedComparison,
  type PairedDifference,
  pairedBootstrap,
  type RankBootstrapOptions,
  type Runs,
} from './paired-bootstrap.ts';
export { PROTOCOLS, type Protocol } from './plan.ts';
export { rankOf, ranksTogether, TIE_RULES, type TieRule } from './rank.ts';
export type { Ranks } from './ranks.ts';
export { drawSessions, type SessionSample, sampleParts, sampleSessions } from './sample.ts';
export type { Ranker, RankingSession, Scorer, ScoringSession, TargetRanks } from './scorer.ts';
export type { CutoffResult, CutoffSums, Evaluation, PartSums } from './tally.ts';
export { type ExcludedItems, type GroupLimit, type Scores, topItems, topItemsByGroup } from './top-items.ts';
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
