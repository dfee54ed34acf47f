export {
  readModel,
  readModelItemInfo,
  readSnapshot,
  readSnapshotHistory,
  saveSnapshot,
} from '#storage';
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
export {
  type AddedItems,
  addItems,
  type ComposedFrom,
  composeItem,
  featuresAt,
  isComposedOf,
} from './item-rows.ts';
export { Learner, type LearnerClick } from './learning/learner.ts';
export {
  type ClickLimits,
  type LearnerOptions,
  type LearnerState,
  type MinuteCounts,
  MinuteShares,
} from './learning/learner-state.ts';
export { AllowedItems } from './live/allowed-items.ts';
export type { BestItems, LiveEvent, LivePrograms } from './live/live-engine.ts';
export {
  type ClickResult,
  ClickRounds,
  type LiveClick,
  type LiveParts,
  LiveRecommender,
  type LiveSession,
  type LiveSessions,
  type LiveSessionsOptions,
  type RelatedItems,
  type RelatedOptions,
} from './live/live-sessions.ts';
export { type Mixing, type RankFusion, reorderForVariety } from './live/mixing.ts';
export type { Probing } from './live/probing.ts';
export { type Ranking, type Recommendation, ScoredItems } from './live/recommender.ts';
export { type ListStart, type RelatedKind, relatedKinds } from './live/related.ts';
export {
  type Boosts,
  fixedScores,
  type ItemRules,
  type ItemSelection,
  ItemSelector,
  onlyAmong,
  type Pin,
  type PinnedItem,
  ResolvedSelection,
  type ResolveOptions,
  type Selection,
  type SessionScores,
} from './live/selection.ts';
export { DEFAULT_PRESET, isPreset, type PresetName, presets } from './model-config.ts';
export { DecayedClicks } from './parts/decayed-clicks.ts';
export {
  collectEarlier,
  type EarlierItems,
  type EarlierPart,
  MOST_EARLIER,
  raisedRank,
  type VisitorClick,
  visitorClicks,
  withEarlier,
} from './parts/earlier.ts';
export { isFresh, withoutMoment } from './parts/freshness.ts';
export { MOST_RAISED, type PairPart, pairScales, placeShare } from './parts/pair-tables.ts';
export {
  isIndexTable,
  isPartTable,
  type PartName,
  partNames,
  type SparsePartName,
  sparsePartsOf,
  tableWidths,
  weightsName,
  withTableRows,
} from './parts/registry.ts';
export { SessionParts } from './parts/session-parts.ts';
export {
  type ClickColumn,
  type ClickContext,
  ClickEncoder,
  type ClickShape,
  type ClickVocabulary,
  typeOfClick,
} from './programs/click-features.ts';
export { withoutFeatures } from './programs/item-features.ts';
export { clickVocabularySchema, ModelError, storedConfig } from './storage/manifest.ts';
export { type ModelLimits, modelLimits } from './storage/model-limits.ts';
export { newerTensors, partsOfTensors } from './storage/older-model.ts';
export type { DatasetReference, SaveInfo, StoredModel, TrendingClicks } from './storage/stored-model.ts';
export type { NamedTensor, SnapshotTensor, StoredTensor } from './storage/tensors.ts';
export {
  type FetchOptions,
  type ReadOptions,
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
export { type AlignedData, alignItems, checkContinued } from './training/continue.ts';
export { DivergedError, NonFiniteLossError, NonFiniteParameterError } from './training/divergence.ts';
export type { EpochRecord, ValidationRecord } from './training/epoch-record.ts';
export { countRecentClicks, type HeldOut, holdOut } from './training/latest-sessions.ts';
export { train } from './training/train.ts';
export type { StepProgress, TrainOptions } from './training/train-options.ts';
export {
  areOnDisk,
  type EncodedItems,
  type FeatureVocabularyJson,
  type SessionsInMemory,
  type SessionsOnDisk,
  type TrainingData,
} from './training/training-data.ts';
export type { EngineFacts, TrainingSnapshot } from './training/training-snapshot.ts';
export { countTrending, DEFAULT_HALF_LIFE_MS } from './training/trending.ts';
export { checkValidation } from './training/validation.ts';
export { trainedVariables } from './training/variables.ts';
