export { best, bestOf } from './best.ts';
export type { Json, JsonObject } from './json.ts';
export { createMedianPruner, type MedianPrunerOptions } from './pruners/median.ts';
export type { PruneRequest, Pruner } from './pruners/pruner.ts';
export { runStudy, type StudyResult } from './run-study.ts';
export { createRandomSampler } from './samplers/random.ts';
export type { Sampler, SuggestRequest } from './samplers/sampler.ts';
export { createTpeSampler, type TpeOptions } from './samplers/tpe.ts';
export {
  type ChoiceParameter,
  type ConstantParameter,
  type IntegerParameter,
  type LogUniformParameter,
  type Parameter,
  parseSpace,
  type Space,
  SpaceError,
  spaceJsonSchema,
  type UniformParameter,
  type Values,
} from './space.ts';
export { describeDatabase } from './storage/database-url.ts';
export type {
  SharedStorage,
  StartedTrial,
  StudyRecord,
  StudyStorage,
  StudyTables,
} from './storage/storage.ts';
export { openStudyDatabase, type StudyDatabaseOptions } from './storage/study-database.ts';
export { openStudyFile } from './storage/study-file.ts';
export { StudyError } from './study-error.ts';
export type { RunningTrial, StudyOptions } from './study-options.ts';
export type { Direction, Report, TrialOutcome, TrialRecord } from './trial.ts';
