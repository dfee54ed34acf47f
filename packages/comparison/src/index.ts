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
export type { PartedEvaluation, ScorerProgress } from './evaluate-parts.ts';
export { evaluateScorer, type ThreadOptions } from './evaluate-scorer.ts';
export {
  type EvaluatedModel,
  type EvaluationOptions,
  type EvaluationSettings,
  type EvaluationSource,
  evaluateBaselines,
  evaluateModel,
  evaluationReport,
  openEvaluation,
} from './evaluation.ts';
export type { HeldOut } from './evaluation-facts.ts';
export type { ContenderFiles } from './fit-contender.ts';
export {
  checkGates,
  describeGate,
  type Gate,
  gateForms,
  parseGate,
} from './gates.ts';
export { type KeepSettings, namesToKeep } from './keep-recommender.ts';
export { loadMetrics, loadScorerFactory, type ScorerData, type ScorerFactory } from './own-modules.ts';
export { type ReplayOptions, type ReplayProgress, replay } from './replay/replay.ts';
export { replayContenders } from './replay/replay-contenders.ts';
export { logOf, type ReplayLog } from './replay/replay-log.ts';
export type { ContenderRun, NamedRun } from './run-contenders.ts';
export {
  describeSample,
  drawSample,
  type SampleFacts,
  type SampleSettings,
  type SampleSize,
  sampleOf,
} from './session-sample.ts';
export { checkReportFolder, writeReports } from './write-reports.ts';
