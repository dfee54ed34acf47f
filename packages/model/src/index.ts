export { type Activation, activate, parseActivation } from './activations.ts';
export { readItems } from './arrow-files.ts';
export { buildScoreStep } from './build-score-step.ts';
export { buildServeStep, type ServeStep } from './build-serve-step.ts';
export { buildTrainStep } from './build-train-step.ts';
export type { Cell, CellInputs } from './cells/cell.ts';
export { gruResetAfter, gruResetBefore } from './cells/gru.ts';
export { lstm } from './cells/lstm.ts';
export { rnn } from './cells/rnn.ts';
export { type DatasetReference, readModel, type StoredModel } from './checkpoint.ts';
export {
  ConfigError,
  configDefaults,
  configKeys,
  configProblem,
  type ModelConfig,
  parseConfig,
  stepConfig,
} from './config.ts';
export { type AlignedData, alignItems, checkContinued } from './continue.ts';
export type { EpochRecord, ValidationRecord } from './epoch-record.ts';
export { NonFiniteLossError, type StepProgress } from './epoch-run.ts';
export { NonFiniteParameterError } from './finite-variables.ts';
export { cellOf } from './forward.ts';
export { Gru4Rec, type ModelParts } from './gru4rec.ts';
export type {
  ClickResult,
  LiveClick,
  LiveSessions,
  LiveSessionsOptions,
} from './live/live-sessions.ts';
export type { Ranking, Recommendation } from './live/recommender.ts';
export type { Selection } from './live/selection.ts';
export { loadModel } from './load-model.ts';
export { bpr } from './losses/bpr.ts';
export { bprMax } from './losses/bpr-max.ts';
export { crossEntropy } from './losses/cross-entropy.ts';
export type { LossInputs } from './losses/loss.ts';
export { top1 } from './losses/top1.ts';
export { top1Max } from './losses/top1-max.ts';
export { mergerFor } from './merged-samples.ts';
export { ModelError } from './model-error.ts';
export { type ModelLimits, modelLimits } from './model-limits.ts';
export { type CheckpointOptions, TrainingStopped } from './pauses.ts';
export { readSnapshot, readSnapshotHistory, saveSnapshot } from './snapshot-folder.ts';
export type { StepConfig } from './step-config.ts';
export type { StoredTensor } from './stored-tensor.ts';
export { type TrainOptions, train } from './train.ts';
export { areOnDisk, type SessionsInMemory, type SessionsOnDisk, type TrainingData } from './training-data.ts';
export type {
  EngineFacts,
  EpochProgress,
  RunIdentity,
  SnapshotTensor,
  Standing,
  TrainingSnapshot,
} from './training-snapshot.ts';
export { TrainingStep, type TrainingStepOptions } from './training-step.ts';
export type { Visit } from './visit.ts';
