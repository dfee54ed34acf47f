export type { GateOutcome as GateResult } from '@gru4rec/report';
export { compare } from './compare.ts';
export type { CompareSettings, CompareSurroundings } from './compare-on.ts';
export {
  type Contender,
  contenderForms,
  needsSeed,
  parseContenders,
  singlesOf,
} from './contender.ts';
export type { ContenderFiles } from './contender-files.ts';
export {
  type Comparison,
  type ComparisonOptions,
  evaluateBesideBaselines,
  evaluateModel,
  type NamedEvaluation,
  type ScorerProgress,
} from './evaluate-beside-baselines.ts';
export { evaluateScorer, type ThreadOptions } from './evaluate-scorer.ts';
export { type DatasetFacts, type HeldOut, splitChecksum } from './evaluation-facts.ts';
export { type EvaluationSettings, type EvaluationSource, openEvaluation } from './evaluation-source.ts';
export {
  checkGates,
  describeGate,
  type Gate,
  gateForms,
  parseGate,
} from './gates.ts';
export { KEEP_BEST, type KeepSettings, namesToKeep } from './keep-recommender.ts';
export { loadMetrics } from './own-metrics.ts';
export { loadScorerFactory, type ScorerData, type ScorerFactory } from './own-scorer.ts';
export { type ReplayOptions, type ReplayProgress, replay } from './replay/replay.ts';
export { replayContenders } from './replay/replay-contenders.ts';
export { logOf, type ReplayLog } from './replay/replay-log.ts';
export type { ContenderRun } from './run-contenders.ts';
export {
  describeSample,
  drawSample,
  type SampleFacts,
  type SampleSettings,
  type SampleSize,
  sampleOf,
  sampleSettings,
} from './session-sample.ts';
export { checkReportFolder, writeReports } from './write-reports.ts';
