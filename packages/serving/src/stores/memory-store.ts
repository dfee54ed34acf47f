import { checkOptions } from '@gru4rec/checked-options';
import { LRUCache } from 'lru-cache';
import {
  type Appended,
  appendClick,
  bytesOfSession,
  type Click,
  type LoggedSession,
  limitChecks,
  type SessionLimits,
  type SessionStore,
  type StoredSession,
  sessionLimits,
} from '../session-store.ts';
import { EventIds } from './event-ids.ts';

/** Sessions in the memory of this process. They end with it, unless an event log restores them. */
export class MemoryStore implements SessionStore {
  readonly limits: SessionLimits;
  readonly #sessions: LRUCache<string, StoredSession>;
  readonly #events: EventIds;

  /** @param now - the current time in milliseconds (`Date.now`). */
  constructor(limits: Partial<SessionLimits> = {}, now: () => number = Date.now) {
    checkOptions('MemoryStore', limits, limitChecks);
    this.limits = { ...sessionLimits, ...limits };
    const { maxAgeMs, maxSessions, maxBytes } = this.limits;
    this.#sessions = new LRUCache({
      ...{ max: maxSessions, ttl: maxAgeMs, ttlResolution: 0, perf: { now } },
      ...{ maxSize: maxBytes, sizeCalculation: ({ clicks }, sessionId) => bytesOfSession(sessionId, clicks) },
    });
    this.#events = new EventIds(this.limits, now);
  }

  get size(): number {
    this.#sessions.purgeStale();
    return this.#sessions.size;
  }

  async append(sessionId: string, click: Click): Promise<Appended> {
    const before = this.#sessions.get(sessionId);
    if (!this.#events.add(sessionId, click))
      return { session: before ?? { clicks: [], dropped: 0 }, repeated: true };
    const session = appendClick(before, click, this.limits.maxClicks);
    this.#sessions.set(sessionId, session);
    return { session, repeated: false };
  }

  async read(sessionId: string): Promise<StoredSession | undefined> {
    return this.#sessions.get(sessionId);
  }

  async delete(sessionId: string): Promise<boolean> {
    this.#events.delete(sessionId);
    return this.#sessions.delete(sessionId);
  }

  restore(sessions: Iterable<LoggedSession>): void {
    for (const { sessionId, clicks, lastMs: start } of sessions) {
      const kept = clicks.slice(-this.limits.maxClicks);
      this.#sessions.set(sessionId, { clicks: kept, dropped: clicks.length - kept.length }, { start });
      for (const click of clicks) this.#events.add(sessionId, click, start);
    }
  }

  /** Replaces the clicks of a session by those that another store has; its events stay. */
  put(sessionId: string, session: StoredSession | undefined): void {
    // A session that was read is not younger for it.
    if (session) this.#sessions.set(sessionId, session, { noUpdateTTL: true });
    else this.#sessions.delete(sessionId);
  }

  async close(): Promise<void> {
    this.#sessions.clear();
  }
}
