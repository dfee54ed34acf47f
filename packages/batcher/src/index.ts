export type { Batch } from './batch.ts';
export type { Batcher } from './batcher.ts';
export type { BatcherOptions, SessionParallelOptions, StreamedOptions } from './options.ts';
export type { BatcherPosition } from './position.ts';
export { checkSessionArrays, type SessionArrays } from './session-arrays.ts';
export { describeBlock, type SessionBlock, type SessionBlocks } from './session-blocks.ts';
export type { SessionOrder, SessionStartTimes } from './session-order.ts';
export { SessionParallelBatcher } from './session-parallel.ts';
export { StreamedBatcher } from './streamed-batcher.ts';
