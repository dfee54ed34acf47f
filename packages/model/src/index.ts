export {
  readItems,
  readModel,
  readModelItemInfo,
  readSnapshot,
  readSnapshotHistory,
  saveSnapshot,
} from '#storage';
export {
  type AddedItems,
  addItems,
  type ComposedFrom,
  composeItem,
  featuresAt,
  isComposedOf,
} from './added-items.ts';
export {
  ConfigError,
  configDefaults,
  configKeys,
  configProblem,
  type ModelConfig,
  type ModelConfigInput,
  parseConfig,
} from './config.ts';
export { Gru4Rec, loadModel, type ModelParts } from './gru4rec.ts';
export type { ClickLimits, MinuteCounts } from './learning/click-limits.ts';
export { Learner, type LearnerClick } from './learning/learner.ts';
export type { LearnerOptions } from './learning/learner-options.ts';
export { checkLearnerState, type LearnerState } from './learning/learner-state.ts';
export type { LiveEvent } from './live/advance-step.ts';
export { ClickRounds } from './live/click-rounds.ts';
export {
  AllowedItems,
  fixedScores,
  type ItemRules,
  type ItemSelection,
  ItemSelector,
  type PinnedItem,
  type SessionScores,
} from './live/item-selector.ts';
export type { BestItems, LivePrograms } from './live/live-engine.ts';
export { type LiveParts, LiveRecommender } from './live/live-recommender.ts';
export type { LiveSession } from './live/live-session.ts';
export type {
  ClickResult,
  LiveClick,
  LiveSessions,
  LiveSessionsOptions,
} from './live/live-sessions.ts';
export type { Probing } from './live/probing.ts';
export type { Ranking, Recommendation } from './live/recommender.ts';
export { ResolvedSelection, type ResolveOptions } from './live/resolved-selection.ts';
export { ScoredItems } from './live/scored-items.ts';
export type { Boosts, Pin, Selection } from './live/selection.ts';
export type { PresetName } from './model-config.ts';
export { DEFAULT_PRESET, isPreset, presets } from './presets.ts';
export {
  type ClickColumn,
  type ClickContext,
  ClickEncoder,
  type ClickShape,
  type ClickVocabulary,
  typeOfClick,
} from './programs/click-features.ts';
export { withoutFeatures } from './programs/item-features.ts';
export type { FetchOptions, ReadOptions } from './storage/fetched-files.ts';
export { clickVocabularySchema } from './storage/manifest.ts';
export { ModelError } from './storage/model-error.ts';
export { type ModelLimits, modelLimits } from './storage/model-limits.ts';
export type { DatasetReference, SaveInfo, StoredModel } from './storage/stored-model.ts';
export type { NamedTensor, SnapshotTensor, StoredTensor } from './storage/stored-tensor.ts';
export {
  sealWebManifest,
  WEB_ITEM_INFO,
  WEB_ITEMS,
  WEB_MANIFEST,
  type WebFile,
  type WebManifest,
  type WebWeights,
  webPart,
} from './storage/web-model.ts';
export { type CheckpointOptions, TrainingStopped } from './training/checkpointer.ts';
export {
  type AlignedData,
  alignItems,
  checkContinued,
  keepItems,
  withNewItems,
} from './training/continue.ts';
export { checkValidation } from './training/early-stopping.ts';
export type { EpochRecord, ValidationRecord } from './training/epoch-record.ts';
export { type HeldOut, holdOut } from './training/hold-out.ts';
export { NonFiniteLossError, NonFiniteParameterError } from './training/non-finite.ts';
export { countRecentClicks } from './training/recent-clicks.ts';
export { train } from './training/train.ts';
export type { MonitorOptions, StepProgress, TrainOptions } from './training/train-options.ts';
export {
  areOnDisk,
  type EncodedItems,
  type FeatureVocabularyJson,
  type SessionsInMemory,
  type SessionsOnDisk,
  type TrainingData,
} from './training/training-data.ts';
export type { EngineFacts, TrainingSnapshot } from './training/training-snapshot.ts';
export { DivergedError } from './training/training-warning.ts';
export { trainedVariables } from './training/variables.ts';
