export type { Batch } from './batch.ts';
export type { SessionParallelOptions } from './options.ts';
export type { BatcherPosition } from './position.ts';
export type { SessionOrder, SessionStartTimes } from './session-order.ts';
export { SessionParallelBatcher } from './session-parallel.ts';
