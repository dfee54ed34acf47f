import { pickSessions, type SessionArrays } from '@gru4rec/batcher';

/**
 * The predictions at a position of a session (Ludewig, Jannach 2018, arXiv:1803.09587, section 4):
 * `next` = at every position the next click; `last` = only the last click of each session, from all before it;
 * `remaining` = at every position all remaining items, each once.
 */
export type Protocol = 'next' | 'last' | 'remaining';

/** Every protocol, the default first. */
export const PROTOCOLS: readonly Protocol[] = ['next', 'last', 'remaining'];

export interface PlanRules {
  readonly protocol: Protocol;
  readonly warmUp: number;
}

export interface Plan {
  /** The sessions with a prediction, in their order. */
  readonly sessions: SessionArrays;
  /** [events] 1 at each event after which something is predicted. */
  readonly predicted: Uint8Array;
  /** [sessions] predictions of each, ≥ 1. */
  readonly counts: Float64Array;
  readonly predictions: number;
}

export function planPredictions(
  { sessionOffsets, items, context }: SessionArrays,
  { protocol, warmUp }: PlanRules,
): Plan {
  const kept: number[] = [];
  for (let session = 0; session + 1 < sessionOffsets.length; session++) {
    if (sessionOffsets[session + 1] - sessionOffsets[session] > warmUp) kept.push(session);
  }
  const sessions = pickSessions({ sessionOffsets, items, context }, kept);
  const predicted = new Uint8Array(sessions.items.length);
  const counts = new Float64Array(kept.length);
  for (let session = 0; session < counts.length; session++) {
    const last = sessions.sessionOffsets[session + 1] - 1;
    const first = protocol === 'last' ? last - 1 : sessions.sessionOffsets[session] + warmUp - 1;
    predicted.fill(1, first, last);
    counts[session] = last - first;
  }
  return { sessions, predicted, counts, predictions: counts.reduce((sum, count) => sum + count, 0) };
}
