import { checkOptions } from '@gru4rec/checks';
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
} from './session-store.ts';

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

/** The most bytes of all ids; those of the sessions that were used last stay. */
const MOST_BYTES = 2 ** 25;
/** The most ids of a session, the newest ones. */
const MOST_IDS = 1000;

interface SeenEvents {
  readonly ids: Set<string>;
  readonly bytes: number;
}

/** Kept apart from the clicks, so that an event counts once even if the store no longer has its click or its session. */
class EventIds {
  readonly #sessions: LRUCache<string, SeenEvents>;

  constructor({ maxAgeMs: ttl }: Pick<SessionLimits, 'maxAgeMs'>, now: () => number) {
    this.#sessions = new LRUCache({
      ...{ ttl, ttlResolution: 0, perf: { now }, maxSize: MOST_BYTES, sizeCalculation: ({ bytes }) => bytes },
    });
  }

  /** @param start - when the click arrived, if not now. @returns false if the click is repeated: same event and item. */
  add(sessionId: string, { eventId, item }: Click, start?: number): boolean {
    const seen = this.#sessions.get(sessionId);
    const time = start === undefined ? {} : { start };
    if (eventId === undefined) {
      // The session lives on, and so do its events.
      if (seen) this.#sessions.set(sessionId, seen, time);
      return true;
    }
    const id = `${eventId.length} ${eventId}${item}`;
    const { ids, bytes } = seen ?? { ids: new Set<string>(), bytes: 100 + 2 * sessionId.length };
    if (ids.has(id)) return false;
    let added = bytesOf(id);
    if (ids.size === MOST_IDS) {
      const [oldest = ''] = ids;
      ids.delete(oldest);
      added -= bytesOf(oldest);
    }
    this.#sessions.set(sessionId, { ids: ids.add(id), bytes: bytes + added }, time);
    return true;
  }

  delete(sessionId: string): void {
    this.#sessions.delete(sessionId);
  }
}

function bytesOf(id: string): number {
  return 60 + 2 * id.length;
}
