export { type Batch, type Batcher, type BatcherPosition, createBatch } from './batcher.ts';
export {
  distinctItems,
  findNeighbours,
  type IndexSets,
  invert,
  type NeighbourOptions,
  type Neighbours,
  SharedMemory,
  sharedInt32,
} from './neighbours.ts';
export type { BatcherOptions, SessionParallelOptions, StreamedOptions } from './options.ts';
export {
  checkSessionArrays,
  contextJoined,
  contextSlice,
  contextWhere,
  contextWidth,
  describeBlock,
  pickSessions,
  type SessionArrays,
  type SessionBlock,
  type SessionBlocks,
  type SomeSessions,
  sliceSessions,
} from './session-arrays.ts';
export { SessionHistory } from './session-history.ts';
export type { SessionOrder, SessionStartTimes } from './session-order.ts';
export { SessionParallelBatcher } from './session-parallel.ts';
export { StreamedBatcher } from './streamed-batcher.ts';
