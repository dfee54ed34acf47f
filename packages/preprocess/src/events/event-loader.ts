import { IntegerIndex } from './integer-index.ts';
import type { EventColumns } from './order-sessions.ts';

/** Expected events per session. */
const SESSION_EVENTS = 8;

/** Collects events in arrays of a given length, and numbers their sessions and items. */
export class EventLoader {
  readonly sessions: IntegerIndex;
  readonly items: IntegerIndex = new IntegerIndex();
  readonly columns: EventColumns;
  #length = 0;
  #last = Number.NEGATIVE_INFINITY;

  constructor(rows: number) {
    this.sessions = new IntegerIndex(rows / SESSION_EVENTS);
    this.columns = {
      sessions: new Int32Array(rows),
      items: new Int32Array(rows),
      times: new Float64Array(rows),
    };
  }

  /** Number of events. */
  get length(): number {
    return this.#length;
  }

  /** Adds events, unless their times decrease. @returns whether they do not. */
  add(sessions: Int32Array | BigInt64Array, items: Int32Array | BigInt64Array, times: Float64Array): boolean {
    let last = this.#last;
    for (let at = 0; at < times.length; at++) {
      const time = times[at] as number;
      if (time < last) return false;
      last = time;
    }
    this.columns.times.set(times, this.#length);
    this.sessions.add(sessions, this.columns.sessions, this.#length);
    this.items.add(items, this.columns.items, this.#length);
    this.#last = last;
    this.#length += times.length;
    return true;
  }

  /**
   * Cuts the events of each session, which has a user's events, at pauses longer than the gap: `columns` has numbers of the
   * new sessions then.
   *
   * @returns by new session: the number of the user, and which of the user's sessions it is, from 1.
   */
  cutByGap(gapMs: number): { readonly user: Int32Array; readonly place: Int32Array } {
    const { sessions, times } = this.columns;
    const users = this.sessions.length;
    const lastTime = new Float64Array(users).fill(Number.NEGATIVE_INFINITY);
    const current = new Int32Array(users);
    const count = new Int32Array(users);
    const user = new Int32Array(this.#length);
    const place = new Int32Array(this.#length);
    let session = 0;
    for (let event = 0; event < this.#length; event++) {
      const own = sessions[event] as number;
      const time = times[event] as number;
      if (time - (lastTime[own] as number) > gapMs) {
        current[own] = session;
        user[session] = own;
        place[session++] = count[own] = (count[own] as number) + 1;
      }
      lastTime[own] = time;
      sessions[event] = current[own] as number;
    }
    return { user: user.slice(0, session), place: place.slice(0, session) };
  }
}
