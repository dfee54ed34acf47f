export type { SessionArrays } from '@gru4rec/batcher';
export { bootstrapIntervals } from './bootstrap.ts';
export {
  breakDownByPopularity,
  breakDownByPosition,
  breakDownBySessionLength,
  breakDownByTraining,
  type PopularityGroups,
  type RankGroup,
} from './breakdown.ts';
export { CatalogueCoverage } from './coverage.ts';
export type { ItemEmbeddings } from './diversity.ts';
export { evaluate, evaluateParts, evaluateWithPauses } from './evaluate.ts';
export type { Evaluation } from './evaluation.ts';
export { joinParts } from './joined-parts.ts';
export { meanIntervals, type RankBootstrapOptions } from './mean-intervals.ts';
export type { Metric } from './metrics/metric.ts';
export { checkedMetric, isMetric, type MetricOptions } from './metrics/own-metrics.ts';
export {
  type MetricName,
  mapMetrics,
  metricAt,
  metricNames,
  metrics,
  type PerMetric,
} from './metrics/registry.ts';
export type { EvaluateOptions, EvaluationProgress } from './options.ts';
export {
  type PairedComparison,
  type PairedDifference,
  pairedBootstrap,
} from './paired-bootstrap.ts';
export { PartEvaluator } from './part-evaluator.ts';
export type { CutoffSums, PartSums } from './part-sums.ts';
export { MeanPopularity, type PlaceSums, popularityBias } from './popularity.ts';
export { PROTOCOLS, type Protocol } from './protocol.ts';
export { rankOf, TIE_RULES, type TieRule } from './rank.ts';
export type { Ranks } from './ranks.ts';
export { ranksTogether } from './ranks-together.ts';
export { drawSessions, type SessionSample, sampleParts, sampleSessions } from './sample.ts';
export type { Ranker, RankingSession, Scorer, ScoringSession, TargetRanks } from './scorer.ts';
export type { Runs } from './session-sums.ts';
export type { BootstrapOptions } from './studentised.ts';
export type { CutoffResult } from './tally.ts';
export { type ExcludedItems, topItems } from './top-items.ts';
export { type GroupLimit, topItemsByGroup } from './top-items-by-group.ts';
export { type TargetFigures, TargetSums, type WarmAndCold, warmAndColdSums } from './warm-and-cold.ts';
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
export type { Scores } from './worst-first.ts';
