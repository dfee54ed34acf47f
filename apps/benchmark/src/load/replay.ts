import type { SessionArrays } from '@gru4rec/batcher';
import type { ItemIds } from '@gru4rec/dataset/ids';

/** Sessions of a log in CSR form, none of which is empty, with the id of each item index. */
export interface ReplayLog extends SessionArrays {
  readonly itemIds: ItemIds;
}

/** A click to send. */
export interface Click {
  readonly sessionId: string;
  readonly item: string;
}

/**
 * Replays a log with concurrent visitors. A visitor clicks through a session in order, then takes the next session of the log.
 * After its last session, the log starts again, with new session ids.
 *
 * @param name - start of the session ids, so that replays on one server do not continue each other's sessions.
 * @returns the next click of a visitor, by the visitor's number.
 */
export function replayOf(
  { sessionOffsets, items, itemIds }: ReplayLog,
  name: string,
): (visitor: number) => Click {
  const rows = sessionOffsets.length - 1;
  if (rows < 1) throw new RangeError('replayOf: "log" expected at least one session, got none');
  const visits = new Map<number, { sessionId: string; at: number; end: number }>();
  let sessions = 0;
  return (visitor) => {
    let visit = visits.get(visitor);
    if (!visit || visit.at === visit.end) {
      const [at = 0, end = 0] = sessionOffsets.subarray(sessions % rows);
      visit = { sessionId: `${name}-${sessions++}`, at, end };
      visits.set(visitor, visit);
    }
    return { sessionId: visit.sessionId, item: itemIds.at(items[visit.at++] ?? 0) ?? '' };
  };
}
