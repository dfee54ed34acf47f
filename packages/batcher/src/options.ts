import type { Seed } from '@gru4rec/random';
import type { SessionArrays, SessionBlock, SessionBlocks } from './session-blocks.ts';
import type { SessionOrder, SessionStartTimes } from './session-order.ts';

/** How a batcher makes batches. */
export interface BatcherOptions {
  /** B, the number of slots. */
  readonly batchSize: number;
  /** `time` if not given. */
  readonly order?: SessionOrder;
  /** Needed by order `shuffled`. */
  readonly seed?: Seed;
  /** The epoch ends when fewer slots are live: 1 if not given; 2 where the other slots are the only negatives. */
  readonly minLiveSlots?: number;
}

/** What a batcher reads. The arrays are kept, not copied: they must not change while it is in use. */
export interface SessionParallelOptions extends BatcherOptions, SessionArrays {
  /** [sessions], needed by order `time`. */
  readonly sessionStartTimes?: SessionStartTimes;
  /** How the sessions are cut into the blocks that order `shuffled` is made of; not given: they are one block. */
  readonly blocks?: readonly Pick<SessionBlock, 'sessions'>[];
}

/** What a batcher reads block by block. */
export interface StreamedOptions extends BatcherOptions {
  readonly data: SessionBlocks;
}

const ORDERS: readonly SessionOrder[] = ['time', 'stored', 'shuffled'];

/**
 * Checks a batcher's options, once, at the public boundary.
 *
 * @throws TypeError if an array has the wrong type or what the order needs is missing.
 * @throws RangeError if a value is outside its range or the arrays do not fit together.
 */
export function checkOptions(options: SessionParallelOptions): void {
  checkSessions(options);
  checkSlots(options.batchSize, options.minLiveSlots ?? 1);
  checkOrder(options);
  checkStartTimes(options);
  checkBlocks(options);
}

/**
 * Checks the options of a batcher that reads block by block, before it has read any.
 *
 * @throws TypeError if what the order needs is missing.
 * @throws RangeError if a value is outside its range, or sessions do not lie in the order that is asked for.
 */
export function checkStreamedOptions(options: StreamedOptions): void {
  checkSlots(options.batchSize, options.minLiveSlots ?? 1);
  checkOrder(options);
  if ((options.order ?? 'time') !== 'time' || options.data.inTimeOrder) return;
  const remedy = " Read them into memory, or choose order 'stored'.";
  fail(
    RangeError,
    'order',
    "'stored', 'shuffled' where sessions do not lie in order of time",
    "'time'",
    remedy,
  );
}

/**
 * Checks sessions in CSR form.
 *
 * @throws TypeError, RangeError as `checkOptions`.
 */
export function checkSessions({ sessionOffsets, items }: SessionArrays): void {
  if (!(sessionOffsets instanceof Int32Array))
    fail(TypeError, 'sessionOffsets', 'Int32Array', sessionOffsets);
  if (!(items instanceof Int32Array)) fail(TypeError, 'items', 'Int32Array', items);
  if (sessionOffsets.length === 0) fail(RangeError, 'sessionOffsets', 'sessions + 1 entries', 'none');
  if (sessionOffsets[0] !== 0) fail(RangeError, 'sessionOffsets', '0 at index 0', sessionOffsets[0]);
  for (let session = 1; session < sessionOffsets.length; session++) {
    if (sessionOffsets[session] < sessionOffsets[session - 1]) {
      fail(RangeError, 'sessionOffsets', `no decrease at index ${session}`, sessionOffsets[session]);
    }
  }
  const events = sessionOffsets[sessionOffsets.length - 1];
  if (events !== items.length) {
    fail(RangeError, 'sessionOffsets', `items.length = ${items.length} at its end`, events);
  }
  for (let event = 0; event < items.length; event++) {
    if (items[event] < 0) fail(RangeError, 'items', `integer >= 0 at index ${event}`, items[event]);
  }
}

function checkSlots(batchSize: number, minLiveSlots: number): void {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    fail(RangeError, 'batchSize', 'integer >= 1', batchSize);
  }
  if (!Number.isInteger(minLiveSlots) || minLiveSlots < 1 || minLiveSlots > batchSize) {
    fail(RangeError, 'minLiveSlots', `integer in [1, batchSize = ${batchSize}]`, minLiveSlots);
  }
}

function checkOrder({ order = 'time', seed }: BatcherOptions): void {
  if (!ORDERS.includes(order)) {
    fail(RangeError, 'order', ORDERS.map((known) => `'${known}'`).join(', '), `'${order}'`);
  }
  if (order === 'shuffled' && seed === undefined) {
    fail(TypeError, 'seed', "number or bigint with order 'shuffled'", seed);
  }
}

function checkStartTimes({
  order = 'time',
  sessionStartTimes,
  sessionOffsets,
}: SessionParallelOptions): void {
  if (order !== 'time') return;
  if (sessionStartTimes === undefined) {
    const remedy = " Pass one time per session or choose order 'stored'.";
    fail(TypeError, 'sessionStartTimes', "array with order 'time'", sessionStartTimes, remedy);
  }
  const sessions = sessionOffsets.length - 1;
  if (sessionStartTimes.length !== sessions) {
    fail(RangeError, 'sessionStartTimes', `${sessions} entries, one per session`, sessionStartTimes.length);
  }
  for (let session = 0; session < sessions; session++) {
    if (Number.isNaN(Number(sessionStartTimes[session]))) {
      fail(RangeError, 'sessionStartTimes', `a time at index ${session}`, sessionStartTimes[session]);
    }
  }
}

function checkBlocks({ blocks, sessionOffsets }: SessionParallelOptions): void {
  if (blocks === undefined) return;
  const sessions = sessionOffsets.length - 1;
  const inBlocks = blocks.reduce((sum, block) => sum + block.sessions, 0);
  if (inBlocks !== sessions) fail(RangeError, 'blocks', `${sessions} sessions in all`, inBlocks);
}

function fail(
  kind: typeof TypeError | typeof RangeError,
  name: string,
  expected: string,
  got: unknown,
  remedy = '',
): never {
  const shown = typeof got === 'object' ? (got?.constructor.name ?? 'null') : String(got);
  throw new kind(`SessionParallelBatcher: "${name}" expected ${expected}, got ${shown}.${remedy}`);
}
