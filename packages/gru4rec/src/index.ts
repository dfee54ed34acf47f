export {
  type Baseline,
  type BaselineName,
  type BaselineOptions,
  baselineNames,
  createBaseline,
  type MixOptions,
  mix,
  type TunedMix,
  type TuneMixOptions,
  tuneMix,
} from '@gru4rec/baselines';
export {
  DataError,
  type OpenedDataset,
  openDataset,
  readDataset,
  type SessionDataset,
  type SessionTable,
  type SplitName,
  type StreamedSplit,
} from '@gru4rec/dataset';
export type { WasmEngine, WasmEngineOptions } from '@gru4rec/engine-wasm';
export {
  bootstrapIntervals,
  breakDownByPopularity,
  breakDownByPosition,
  breakDownBySessionLength,
  type CutoffResult,
  type EvaluateOptions,
  type Evaluation,
  type EvaluationFacts,
  type EvaluationWarning,
  evaluate,
  evaluateParts,
  evaluationWarnings,
  type Metric,
  type MetricName,
  metricNames,
  type PairedComparison,
  type Protocol,
  pairedBootstrap,
  type RankGroup,
  type Ranks,
  type Scorer,
  type ScoringSession,
  type SessionArrays,
  sampleSessions,
  type TieRule,
  type WarningCode,
} from '@gru4rec/metrics';
export {
  ConfigError,
  type EpochRecord,
  type Gru4Rec,
  Learner,
  type LearnerClick,
  type LearnerOptions,
  type LiveSession,
  loadModel,
  type ModelConfig,
  type ModelConfigInput,
  ModelError,
  type Recommendation,
  type Selection,
  type TrainingData,
  type TrainOptions,
  train,
} from '@gru4rec/model';
export type { PrepareOptions, PrepareReport } from '@gru4rec/preprocess';
export { loadRecommender, type MixedRecommender, type Recommender } from '@gru4rec/recommender';
export { createWasmEngine } from './create-wasm-engine.ts';
export { prepare } from './prepare.ts';
export { type Served, type ServeOptions, serve } from './serve.ts';
