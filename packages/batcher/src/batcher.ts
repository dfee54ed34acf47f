/** Makes the batches of training, from sessions in memory or from sessions that are read ahead. */
export interface Batcher {
  /** B, the number of slots. */
  readonly batchSize: number;
  /** Number of sessions of two or more events, which an epoch feeds. */
  readonly usedSessions: number;
  /** Number of other sessions, which are skipped. */
  readonly skippedSessions: number;
  /**
   * Number of (input, target) pairs that the current epoch feeds. With `minLiveSlots` 1, these are all pairs of
   * consecutive events; otherwise the ends of the last sessions are left out.
   */
  readonly eventsPerEpoch: number;
  /** Moves to the first step of an epoch. If it returns a promise, await it before any other call. */
  startEpoch(epoch: number): void | Promise<void>;
  /**
   * Loads the sessions that the next step needs.
   * @returns undefined if they are in memory, otherwise a promise to await before `next`. It rejects if reading failed.
   */
  fill(): Promise<void> | undefined;
  /** Makes the batch of the next step. @returns the batch, reused by the next call; undefined at the end of the epoch. */
  next(): Batch | undefined;
  /** The position before the next step (fresh). */
  position(): BatcherPosition;
  /** Moves to a position over the same data. If it returns a promise, await it before any other call. */
  restore(position: BatcherPosition): void | Promise<void>;
}

/** The input of one step: B slots, each live with a session, or dead. The batcher reuses it for the next step. */
export interface Batch {
  /** [B] item index of the current event of each slot's session; −1 in a dead slot. */
  readonly input: Int32Array;
  /** [B] item index to predict, of the next event of each slot's session; −1 in a dead slot. */
  readonly target: Int32Array;
  /** [B] 1 if a session starts, so that its hidden state must be set to zero before the step; otherwise 0. */
  readonly resetMask: Float32Array;
  /** [B] 1 in a live slot, 0 in a dead one. */
  readonly live: Float32Array;
  /** [B] stored index of each slot's session; −1 in a dead slot. */
  readonly session: Float64Array;
  /** [B × C], row-major: the context of each slot's current event, as of `SessionArrays`; −1 in dead slots. */
  readonly context: Int32Array;
  /** [B × C] the context of each slot's next event. */
  readonly targetContext: Int32Array;
  readonly liveSlots: number;
  /** Number of the step in its epoch, from 0. */
  readonly step: number;
}

/** A batch for its owner, which fills it. */
export type MutableBatch = { -readonly [Field in keyof Batch]: Batch[Field] };

/** A batch of dead slots (fresh). */
export function createBatch(batchSize: number, contextWidth = 0): MutableBatch {
  return {
    input: new Int32Array(batchSize).fill(-1),
    target: new Int32Array(batchSize).fill(-1),
    resetMask: new Float32Array(batchSize),
    live: new Float32Array(batchSize),
    session: new Float64Array(batchSize).fill(-1),
    context: new Int32Array(batchSize * contextWidth).fill(-1),
    targetContext: new Int32Array(batchSize * contextWidth).fill(-1),
    liveSlots: 0,
    step: 0,
  };
}

/** The position of a batcher before its next step. It can be stored as JSON. */
export interface BatcherPosition {
  readonly epoch: number;
  /** Number of steps made in this epoch. */
  readonly step: number;
  /** Number of sessions in the epoch's order that slots have taken. */
  readonly nextSession: number;
  /** [B] per slot, the stored index of its session and the event to feed next (0 = the first); null if the slot is dead. */
  readonly slots: readonly ({ readonly session: number; readonly event: number } | null)[];
}

export interface PositionBounds {
  readonly batchSize: number;
  readonly used: number;
  readonly stored: number;
}

/** Checks a position, maybe from a file, but not the events of its slots: see `checkEvent`. @throws TypeError, RangeError */
export function checkPosition(position: BatcherPosition, { batchSize, used, stored }: PositionBounds): void {
  if (!Array.isArray(position?.slots)) {
    throw new TypeError('restore: "position" expected object with slots, as position() returns it.');
  }
  checkInteger('epoch', position.epoch, Number.MAX_SAFE_INTEGER);
  checkInteger('step', position.step, Number.MAX_SAFE_INTEGER);
  checkInteger('nextSession', position.nextSession, used);
  if (position.slots.length !== batchSize) {
    throw new RangeError(
      `restore: "position.slots" expected ${batchSize} entries, got ${position.slots.length}. ` +
        'Restore with the batch size of the saved run.',
    );
  }
  for (const [slot, running] of position.slots.entries()) {
    if (running !== null) checkInteger(`slots[${slot}].session`, running.session, stored - 1);
  }
}

/** Checks that an event of a slot's session has a next one. @throws RangeError if not. */
export function checkEvent(slot: number, event: number, length: number): void {
  checkInteger(`slots[${slot}].event`, event, length - 2);
}

function checkInteger(name: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= max) return;
  throw new RangeError(
    `restore: "position.${name}" expected integer in [0, ${max}], got ${value}. ` +
      'Restore over the data of the saved run.',
  );
}
