export { type Batch, createBatch } from './batch.ts';
export type { Batcher } from './batcher.ts';
export type { BatcherOptions, SessionParallelOptions, StreamedOptions } from './options.ts';
export type { BatcherPosition } from './position.ts';
export {
  checkSessionArrays,
  contextJoined,
  contextSlice,
  contextWhere,
  contextWidth,
  type SessionArrays,
} from './session-arrays.ts';
export { describeBlock, type SessionBlock, type SessionBlocks } from './session-blocks.ts';
export { SessionHistory } from './session-history.ts';
export type { SessionOrder, SessionStartTimes } from './session-order.ts';
export { SessionParallelBatcher } from './session-parallel.ts';
export { pickSessions, type SomeSessions, sliceSessions } from './session-parts.ts';
export { StreamedBatcher } from './streamed-batcher.ts';
