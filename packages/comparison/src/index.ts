export { describeGate, type GateOutcome as GateResult } from '@gru4rec/report';
export { type CompareSettings, type CompareSurroundings, compare } from './compare.ts';
export {
  type Contender,
  contenderForms,
  needsSeed,
  parseContenders,
} from './contenders/contender.ts';
export type { ContenderFiles } from './contenders/kind.ts';
export {
  loadMetrics,
  loadScorerFactory,
  type ScorerData,
  type ScorerFactory,
} from './contenders/own-modules.ts';
export {
  evaluateScorer,
  type PartedEvaluation,
  type ScorerProgress,
  type ThreadOptions,
} from './evaluate-scorer.ts';
export {
  type EvaluatedModel,
  type EvaluationOptions,
  type EvaluationSettings,
  type EvaluationSource,
  evaluationReport,
  openEvaluation,
} from './evaluation.ts';
export { checkGates, type Gate, gateForms, parseGate } from './gates.ts';
export {
  describeSample,
  drawSample,
  type HeldOut,
  type SampleFacts,
  type SampleSettings,
  type SampleSize,
  sampleOf,
} from './held-out.ts';
export { type KeepSettings, namesToKeep } from './keep-recommender.ts';
export { type ReplayOptions, type ReplayProgress, replay } from './replay/replay.ts';
export { replayContenders } from './replay/replay-contenders.ts';
export { logOf, type ReplayLog } from './replay/replay-log.ts';
export type { ContenderRun, NamedRun } from './run-contenders.ts';
export { checkReportFolder, writeReports } from './write-reports.ts';
