export { createMedianPruner, type MedianPrunerOptions, type PruneRequest, type Pruner } from './pruner.ts';
export { createTpeSampler, type Sampler, type SuggestRequest, type TpeOptions } from './samplers/tpe.ts';
export {
  type ChoiceParameter,
  type ConstantParameter,
  type IntegerParameter,
  type Json,
  type JsonObject,
  type LogUniformParameter,
  type Parameter,
  parseSpace,
  type Space,
  SpaceError,
  spaceJsonSchema,
  type UniformParameter,
  type Values,
} from './space.ts';
export type { StudyDatabaseOptions } from './storage/postgres.ts';
export { type StartedTrial, StudyError, type StudyRecord, type StudyStorage } from './storage/storage.ts';
export { describeDatabase, openStudyDatabase } from './storage/study-database.ts';
export { openStudyFile } from './storage/study-file.ts';
export { type RunningTrial, runStudy, type StudyOptions, type StudyResult } from './study.ts';
export { bestOf, type Direction, type Report, type TrialOutcome, type TrialRecord } from './trial.ts';
