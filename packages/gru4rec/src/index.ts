export {
  type Baseline,
  type BaselineName,
  type BaselineOptions,
  baselineNames,
  createBaseline,
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
  breakDownByPopularity,
  breakDownByPosition,
  breakDownBySessionLength,
  type CutoffResult,
  type EvaluateAsyncOptions,
  type EvaluateOptions,
  type Evaluation,
  type EvaluationFacts,
  type EvaluationWarning,
  evaluate,
  evaluateAsync,
  evaluationWarnings,
  figuresAt,
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
  type AlignedData,
  alignItems,
  ConfigError,
  DivergedError,
  type EpochRecord,
  type Gru4Rec,
  type LearnerClick,
  type LiveSession,
  type ModelConfig,
  type ModelConfigInput,
  ModelError,
  NonFiniteLossError,
  NonFiniteParameterError,
  type PresetName,
  presets,
  type Recommendation,
  type Selection,
  type StepProgress,
  type TrainingData,
  TrainingStopped,
} from '@gru4rec/model';
export type { AppendOptions, AppendReport, PrepareOptions, PrepareReport } from '@gru4rec/preprocess';
export { type Engine, EngineUnavailableError } from '@gru4rec/program';
export type { BaselineRecommender, Recommender } from '@gru4rec/recommender';
export type { EventLog, EventLogOptions, ItemsFile } from '@gru4rec/serving';
export { type Served, type ServeOptions, serve } from './serve.ts';
export { append, openEventLog, openItemsFile, prepare } from './when-called.ts';
export {
  createWasmEngine,
  Learner,
  type LearnerOptions,
  type LoadOptions,
  loadModel,
  loadRecommender,
  type TrainOptions,
  train,
} from './with-engine.ts';
