export { type BootstrapOptions, bootstrapIntervals } from './bootstrap.ts';
export {
  breakDownByPopularity,
  breakDownByPosition,
  breakDownBySessionLength,
  type PopularityGroups,
  type RankGroup,
} from './breakdown.ts';
export { CatalogueCoverage } from './coverage.ts';
export { evaluate } from './evaluate.ts';
export type { Evaluation } from './evaluation.ts';
export { meanIntervals, type RankBootstrapOptions } from './mean-intervals.ts';
export { reciprocalRankAt, reciprocalRankOfSeveralAt } from './mrr.ts';
export { ndcgAt, ndcgOfSeveralAt } from './ndcg.ts';
export type { EvaluateOptions, EvaluationProgress, TestSessions } from './options.ts';
export {
  type PairedComparison,
  type PairedDifference,
  pairedBootstrap,
} from './paired-bootstrap.ts';
export { MeanPopularity, popularityBias } from './popularity.ts';
export { PROTOCOLS, type Protocol } from './protocol.ts';
export { rankOf, TIE_RULES, type TieRule } from './rank.ts';
export type { Ranks } from './ranks.ts';
export { ranksTogether } from './ranks-together.ts';
export { recallAt, recallOfSeveralAt } from './recall.ts';
export { refuseSampling } from './refuse-sampling.ts';
export type { Scorer, ScoringSession, Standings } from './scorer.ts';
export type { Runs } from './session-sums.ts';
export type { CutoffResult } from './tally.ts';
export { type ExcludedItems, topItems } from './top-items.ts';
export { type GroupLimit, topItemsByGroup } from './top-items-by-group.ts';
export {
  type EvaluationFacts,
  type EvaluationWarning,
  evaluationWarnings,
  type TimedSessions,
  type WarningCode,
} from './warnings.ts';
export type { Scores } from './worst-first.ts';
