export { type AppendReport, append, type HeldOutSplit } from './append.ts';
export type { BadRow } from './bad-rows.ts';
export { type ForgetOptions, type ForgetReport, forget } from './forget.ts';
export {
  CAPPED_AT,
  type ImpactSums,
  type PlaceDay,
  ROBOT_CLICKS,
  readImpact,
  type VisitorDay,
} from './impact.ts';
export { type LoggedFile, loggedFiles } from './input/event-log.ts';
export { itemRowsIn } from './items-file.ts';
export { type LatestSession, latestSessions } from './latest-sessions.ts';
export {
  type AppendOptions,
  appendNames,
  type InputFormat,
  type PrepareOptions,
  type PrepareProgress,
  type TimeUnit,
} from './options.ts';
export type { PrepareReport } from './prepare.ts';
export { prepare } from './prepare.ts';
export { NoSessionError } from './reading/read-log.ts';
export { type LogSample, sampleLog } from './sample.ts';
export { parseTime } from './split-options.ts';
export type { FunnelRow, FunnelSplit } from './steps.ts';
export { linesToParquet, type ParquetColumns, type ParquetRow, writeParquet } from './write-parquet.ts';
