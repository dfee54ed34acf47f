/** The position of a batcher before its next step. It can be stored as JSON. */
export interface BatcherPosition {
  readonly epoch: number;
  /** Number of steps made in this epoch. */
  readonly step: number;
  /** Number of sessions in the epoch's order that slots have taken. */
  readonly nextSession: number;
  /**
   * [B] per slot, the stored index of its session and the event to feed next (0 = the first); null if the slot is dead.
   */
  readonly slots: readonly ({ readonly session: number; readonly event: number } | null)[];
}

/** Limits of the numbers in a position. */
export interface PositionBounds {
  readonly batchSize: number;
  /** Number of sessions in the epoch's order. */
  readonly used: number;
  /** Number of stored sessions. */
  readonly stored: number;
}

/**
 * Checks that a position, which may come from a file, fits a batcher. `checkEvent` checks the events of its slots.
 *
 * @throws TypeError if `position` is not a position.
 * @throws RangeError if a number in it is outside its range.
 */
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

/**
 * Checks that a slot can continue at an event of its session, which must have a next event.
 *
 * @param length - number of events of the session.
 * @throws RangeError if it cannot.
 */
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
