import type { LRUCache } from 'lru-cache';
import type { SessionsState, WaitingState } from './learner-state.ts';

/** A session that a learner follows. */
export interface FollowedSession {
  /** Hidden states before its last click. */
  state: Float32Array;
  last: number;
  /** Items that it has taught, in order. */
  readonly taught: number[];
}

/** A pair of clicks that no step has learnt. */
export interface WaitingPair {
  readonly session: FollowedSession;
  readonly input: number;
  readonly target: number;
  readonly timeMs: number;
}

/** The latest sessions by id. */
export type FollowedSessions = LRUCache<string, FollowedSession>;

/** Sessions and waiting pairs as arrays (fresh). */
export function storeSessions(
  sessions: FollowedSessions,
  waiting: readonly WaitingPair[],
  stateLength: number,
): { readonly sessions: SessionsState; readonly waiting: WaitingState } {
  const ids: string[] = [];
  const numbers = new Map<FollowedSession, number>();
  for (const [id, session] of sessions.entries()) {
    ids.push(id);
    numbers.set(session, numbers.size);
  }
  for (const { session } of waiting) if (!numbers.has(session)) numbers.set(session, numbers.size);
  const all = [...numbers.keys()];
  const states = new Float32Array(all.length * stateLength);
  for (const [at, { state }] of all.entries()) states.set(state, at * stateLength);
  return {
    sessions: {
      ids,
      last: Int32Array.from(all, ({ last }) => last),
      states,
      taughtCounts: Int32Array.from(all, ({ taught }) => taught.length),
      taught: Int32Array.from(all.flatMap(({ taught }) => taught)),
    },
    waiting: {
      session: Int32Array.from(waiting, ({ session }) => numbers.get(session) ?? -1),
      input: Int32Array.from(waiting, ({ input }) => input),
      target: Int32Array.from(waiting, ({ target }) => target),
      timeMs: Float64Array.from(waiting, ({ timeMs }) => timeMs),
    },
  };
}

/** Puts stored sessions into `sessions`, which is empty, in their order. @returns the pairs that wait. */
export function restoreSessions(
  sessions: FollowedSessions,
  stored: { readonly sessions: SessionsState; readonly waiting: WaitingState },
  stateLength: number,
): WaitingPair[] {
  const { ids, last, states, taughtCounts, taught } = stored.sessions;
  let at = 0;
  const all = Array.from(last, (item, number): FollowedSession => {
    const from = at;
    at += taughtCounts[number] ?? 0;
    const state = states.slice(number * stateLength, (number + 1) * stateLength);
    return { state, last: item, taught: Array.from(taught.subarray(from, at)) };
  });
  for (const [number, id] of [...ids.entries()].reverse()) sessions.set(id, all[number] as FollowedSession);
  const { session, input, target, timeMs } = stored.waiting;
  return Array.from(session, (number, pair) => ({
    session: all[number] as FollowedSession,
    input: input[pair] as number,
    target: target[pair] as number,
    timeMs: timeMs[pair] as number,
  }));
}
