export type { Cell, CellInputs } from './cells/cell.ts';
export { type CellName, cellOf, cells, type GruVariant, gruVariants } from './cells/registry.ts';
export {
  ConfigError,
  configDefaults,
  configKeys,
  configProblem,
  type ModelConfig,
  parseConfig,
  stepConfig,
} from './config.ts';
export { Gru4Rec, type ModelParts } from './gru4rec.ts';
export type { LiveSession } from './live/live-session.ts';
export type {
  ClickResult,
  LiveClick,
  LiveSessions,
  LiveSessionsOptions,
} from './live/live-sessions.ts';
export type { Ranking, Recommendation } from './live/recommender.ts';
export type { Selection } from './live/selection.ts';
export type { Loss, LossInputs, LossKey, LossOptions } from './losses/loss.ts';
export { type LossName, losses } from './losses/registry.ts';
export { type Activation, activate, parseActivation } from './programs/activations.ts';
export { buildScoreProgram } from './programs/build-score-program.ts';
export { buildServeProgram, type ServeProgramOptions } from './programs/build-serve-program.ts';
export { buildTrainProgram } from './programs/build-train-program.ts';
export type { StepConfig } from './programs/step-config.ts';
export { readItems } from './storage/arrow-files.ts';
export { loadModel } from './storage/load-model.ts';
export { ModelError } from './storage/model-error.ts';
export { type DatasetReference, readModel, type StoredModel } from './storage/model-folder.ts';
export { type ModelLimits, modelLimits } from './storage/model-limits.ts';
export { readSnapshot, readSnapshotHistory, saveSnapshot } from './storage/snapshot-folder.ts';
export type { SnapshotTensor, StoredTensor } from './storage/stored-tensor.ts';
export { type CheckpointOptions, TrainingStopped } from './training/checkpointer.ts';
export { type AlignedData, alignItems, checkContinued } from './training/continue.ts';
export { checkValidation } from './training/early-stopping.ts';
export type { EpochRecord, ValidationRecord } from './training/epoch-record.ts';
export { NonFiniteParameterError } from './training/finite-variables.ts';
export { mergerFor } from './training/merged-samples.ts';
export { train } from './training/train.ts';
export type { StepProgress, TrainOptions } from './training/train-options.ts';
export {
  areOnDisk,
  type SessionsInMemory,
  type SessionsOnDisk,
  type TrainingData,
} from './training/training-data.ts';
export { NonFiniteLossError } from './training/training-run.ts';
export type {
  EngineFacts,
  RunIdentity,
  TrainingCursor,
  TrainingSnapshot,
} from './training/training-snapshot.ts';
export { TrainingStep, type TrainingStepOptions } from './training/training-step.ts';
