import type { SessionArrays } from '@gru4rec/batcher';
import type { ItemIds } from '@gru4rec/dataset/ids';

export interface ReplayLog extends SessionArrays {
  readonly itemIds: ItemIds;
}

export interface Click {
  readonly sessionId: string;
  readonly item: string;
}

/** Visitors go through sessions in order, again under new ids after the last. `name` begins the ids, so that replays differ. */
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
