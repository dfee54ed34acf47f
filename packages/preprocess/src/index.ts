export { type AppendOptions, type AppendReport, append, type HeldOutSplit } from './append.ts';
export type { BadRow } from './bad-rows.ts';
export type { FunnelRow, FunnelSplit } from './funnel.ts';
export type { InputFormat, PrepareOptions, PrepareProgress, TimeUnit } from './options.ts';
export { type PrepareReport, prepare } from './prepare.ts';
export type { AbsentTypes } from './steps/event-types.ts';
