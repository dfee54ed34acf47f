import type { Seed } from '@gru4rec/random';
import type { SessionOrder, SessionStartTimes } from './session-order.ts';

/** What a batcher reads. The arrays are kept, not copied: they must not change while it is in use. */
export interface SessionParallelOptions {
  /** [sessions + 1], CSR: session s holds events `sessionOffsets[s]` to `sessionOffsets[s + 1] − 1`. */
  readonly sessionOffsets: Int32Array;
  /** [events], item index of each event, in time order within a session. */
  readonly items: Int32Array;
  /** B, the number of slots. */
  readonly batchSize: number;
  /** `time` if not given. */
  readonly order?: SessionOrder;
  /** [sessions], needed by order `time`. */
  readonly sessionStartTimes?: SessionStartTimes;
  /** Needed by order `shuffled`. */
  readonly seed?: Seed;
  /** The epoch ends when fewer slots are live: 1 if not given; 2 where the other slots are the only negatives. */
  readonly minLiveSlots?: number;
}

const ORDERS: readonly SessionOrder[] = ['time', 'stored', 'shuffled'];

/**
 * Checks a batcher's options, once, at the public boundary.
 *
 * @throws TypeError if an array has the wrong type or what the order needs is missing.
 * @throws RangeError if a value is outside its range or the arrays do not fit together.
 */
export function checkOptions(options: SessionParallelOptions): void {
  checkSessions(options.sessionOffsets, options.items);
  checkSlots(options.batchSize, options.minLiveSlots ?? 1);
  checkOrder(options);
}

function checkSessions(sessionOffsets: Int32Array, items: Int32Array): void {
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

function checkOrder({
  order = 'time',
  sessionStartTimes,
  sessionOffsets,
  seed,
}: SessionParallelOptions): void {
  if (!ORDERS.includes(order)) {
    fail(RangeError, 'order', ORDERS.map((known) => `'${known}'`).join(', '), `'${order}'`);
  }
  if (order === 'shuffled' && seed === undefined) {
    fail(TypeError, 'seed', "number or bigint with order 'shuffled'", seed);
  }
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
