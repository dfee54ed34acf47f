import { describeFlaw } from '@gru4rec/checks';
import type { Seed } from '@gru4rec/random';
import {
  checkSessionArrays,
  type SessionArrays,
  type SessionBlock,
  type SessionBlocks,
} from './session-arrays.ts';
import type { SessionOrder, SessionStartTimes } from './session-order.ts';

/** Options of both batchers. */
export interface BatcherOptions {
  /** B, the number of slots. */
  readonly batchSize: number;
  /** Default: `time`. */
  readonly order?: SessionOrder;
  /** Required for the order `shuffled`. */
  readonly seed?: Seed;
  /** The epoch ends when fewer slots are live. Default: 1. Use 2 if the other slots are the only negatives. */
  readonly minLiveSlots?: number;
}

/** Sessions in memory, and how to batch them. The arrays are kept, not copied, and must not change while in use. */
export interface SessionParallelOptions extends BatcherOptions, SessionArrays {
  /** [sessions], required for the order `time`. */
  readonly sessionStartTimes?: SessionStartTimes;
  /** The blocks in which the sessions are stored, for the order `shuffled`. Default: one block. */
  readonly blocks?: readonly Pick<SessionBlock, 'sessions'>[] | undefined;
}

/** Sessions that are read block by block, and how to batch them. */
export interface StreamedOptions extends BatcherOptions {
  readonly data: SessionBlocks;
}

export function checkSessionParallel(options: SessionParallelOptions): void {
  checkSessionArrays('SessionParallelBatcher', options);
  checkStartTimes(options);
  checkBlocks(options);
}

export function checkStreamed(options: StreamedOptions): void {
  if ((options.order ?? 'time') !== 'time' || options.data.inTimeOrder) return;
  const expected = "'stored' or 'shuffled', because the sessions are not stored in order of time";
  const flaw = describeFlaw('StreamedBatcher', 'order', expected, 'time');
  throw new RangeError(`${flaw} Read them into memory, or choose order 'stored'.`);
}

function checkStartTimes({
  order = 'time',
  sessionStartTimes,
  sessionOffsets,
}: SessionParallelOptions): void {
  if (order !== 'time') return;
  const describe = (expected: string, got: unknown): string =>
    describeFlaw('SessionParallelBatcher', 'sessionStartTimes', expected, got);
  if (sessionStartTimes === undefined) {
    const flaw = describe("array with order 'time'", sessionStartTimes);
    throw new TypeError(`${flaw} Pass one time per session or choose order 'stored'.`);
  }
  const sessions = sessionOffsets.length - 1;
  if (sessionStartTimes.length !== sessions) {
    throw new RangeError(describe(`${sessions} entries, one per session`, sessionStartTimes.length));
  }
  for (let session = 0; session < sessions; session++) {
    if (!Number.isNaN(Number(sessionStartTimes[session]))) continue;
    throw new RangeError(describe(`a time at index ${session}`, sessionStartTimes[session]));
  }
}

function checkBlocks({ blocks, sessionOffsets }: SessionParallelOptions): void {
  if (blocks === undefined) return;
  const sessions = sessionOffsets.length - 1;
  const inBlocks = blocks.reduce((sum, block) => sum + block.sessions, 0);
  if (inBlocks === sessions) return;
  throw new RangeError(
    describeFlaw('SessionParallelBatcher', 'blocks', `${sessions} sessions in all`, inBlocks),
  );
}
