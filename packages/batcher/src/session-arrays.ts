import { checkHas, describeFlaw } from '@gru4rec/checked-options';

/** Sessions in CSR form. */
export interface SessionArrays {
  /** [sessions + 1], starting with 0: session s has events `sessionOffsets[s]` to `sessionOffsets[s + 1] − 1`. */
  readonly sessionOffsets: Int32Array;
  /** [events], item index of each event, in order of time within a session. */
  readonly items: Int32Array;
  /** [events], time of each event, in milliseconds since 1970 UTC. No batch depends on it. */
  readonly times?: BigInt64Array;
}

/**
 * Checks sessions in CSR form.
 *
 * @param caller - name of the function or class, for errors.
 * @param itemCount - I: every item index must be in [0, I). Without it, any index ≥ 0 is accepted.
 * @throws TypeError if an array is not an Int32Array.
 * @throws RangeError if the offsets decrease or do not match the items, or if an item index is out of range.
 */
export function checkSessionArrays(caller: string, sessions: SessionArrays, itemCount?: number): void {
  checkHas(caller, 'sessions', sessions, []);
  const { sessionOffsets, items, times } = sessions;
  for (const [name, values] of Object.entries({ sessionOffsets, items })) {
    if (!(values instanceof Int32Array)) {
      throw new TypeError(describeFlaw(caller, name, 'Int32Array', values));
    }
  }
  checkOffsets(caller, sessions);
  if (times && times.length !== items.length) {
    throw new RangeError(
      describeFlaw(caller, 'times', `${items.length} entries, one per event`, times.length),
    );
  }
  const [limit, expected, remedy] =
    itemCount === undefined
      ? [Number.POSITIVE_INFINITY, 'integer >= 0', '']
      : [itemCount, `integer in [0, ${itemCount})`, ' Remove the events of unknown items.'];
  for (let event = 0; event < items.length; event++) {
    if (items[event] >= 0 && items[event] < limit) continue;
    const flaw = describeFlaw(caller, 'items', `${expected} at index ${event}`, items[event]);
    throw new RangeError(`${flaw}${remedy}`);
  }
}

function checkOffsets(caller: string, { sessionOffsets, items }: SessionArrays): void {
  const refuse = (expected: string, got: unknown): RangeError =>
    new RangeError(describeFlaw(caller, 'sessionOffsets', expected, got));
  if (sessionOffsets.length === 0) throw refuse('sessions + 1 entries', []);
  if (sessionOffsets[0] !== 0) throw refuse('0 at index 0', sessionOffsets[0]);
  for (let session = 1; session < sessionOffsets.length; session++) {
    if (sessionOffsets[session] >= sessionOffsets[session - 1]) continue;
    throw refuse(`no decrease at index ${session}`, sessionOffsets[session]);
  }
  const events = sessionOffsets[sessionOffsets.length - 1];
  if (events !== items.length) throw refuse(`items.length = ${items.length} as its last entry`, events);
}
