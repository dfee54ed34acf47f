import type { LRUCache } from 'lru-cache';
import type { SessionsState, WaitingState } from './learner-state.ts';

/** A session that a learner follows. */
export interface FollowedSession {
  /** Hidden states before its last click. */
  state: Float32Array;
  last: number;
  /** [K] features of its last click. */
  features: Int32Array;
  /** Items that it has taught, in order. */
  readonly taught: number[];
}

/** A pair of clicks that no step has learnt. */
export interface WaitingPair {
  readonly session: FollowedSession;
  readonly input: number;
  /** [K] features of the click on `input`. */
  readonly features: Int32Array;
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
      features: Int32Array.from(all.flatMap(({ features }) => [...features])),
      states,
      taughtCounts: Int32Array.from(all, ({ taught }) => taught.length),
      taught: Int32Array.from(all.flatMap(({ taught }) => taught)),
    },
    waiting: {
      session: Int32Array.from(waiting, ({ session }) => numbers.get(session) ?? -1),
      input: Int32Array.from(waiting, ({ input }) => input),
      features: Int32Array.from(waiting.flatMap(({ features }) => [...features])),
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
  const featuresOf = ({ features }: { readonly features: Int32Array }, row: number, of: number) =>
    features.slice((row * features.length) / of, ((row + 1) * features.length) / of);
  const all = Array.from(last, (item, number): FollowedSession => {
    const from = at;
    at += taughtCounts[number] ?? 0;
    const state = states.slice(number * stateLength, (number + 1) * stateLength);
    const features = featuresOf(stored.sessions, number, last.length);
    return { state, last: item, features, taught: Array.from(taught.subarray(from, at)) };
  });
  for (const [number, id] of [...ids.entries()].reverse()) sessions.set(id, all[number] as FollowedSession);
  const { session, input, target, timeMs } = stored.waiting;
  return Array.from(session, (number, pair) => ({
    session: all[number] as FollowedSession,
    input: input[pair] as number,
    features: featuresOf(stored.waiting, pair, session.length),
    target: target[pair] as number,
    timeMs: timeMs[pair] as number,
  }));
}
