import { checkOptions } from '@gru4rec/checked-options';
import { LRUCache } from 'lru-cache';
import {
  type Appended,
  appendClick,
  bytesOfSession,
  type Click,
  limitChecks,
  type SessionLimits,
  type SessionStore,
  type StoredSession,
  sessionLimits,
} from '../session-store.ts';

/** Sessions in the memory of this process. They are lost when the process ends. */
export class MemoryStore implements SessionStore {
  readonly #maxClicks: number;
  readonly #sessions: LRUCache<string, StoredSession>;

  /** @param now - the current time in milliseconds (`Date.now`). */
  constructor(limits: Partial<SessionLimits> = {}, now: () => number = Date.now) {
    checkOptions('MemoryStore', limits, limitChecks);
    const { maxClicks, maxAgeMs, maxSessions, maxBytes } = { ...sessionLimits, ...limits };
    this.#maxClicks = maxClicks;
    this.#sessions = new LRUCache({
      ...{ max: maxSessions, ttl: maxAgeMs, ttlResolution: 0, perf: { now } },
      ...{ maxSize: maxBytes, sizeCalculation: ({ clicks }, sessionId) => bytesOfSession(sessionId, clicks) },
    });
  }

  get size(): number {
    this.#sessions.purgeStale();
    return this.#sessions.size;
  }

  async append(sessionId: string, click: Click): Promise<Appended> {
    const appended = appendClick(this.#sessions.get(sessionId), click, this.#maxClicks);
    this.#sessions.set(sessionId, appended.session);
    return appended;
  }

  async read(sessionId: string): Promise<StoredSession | undefined> {
    return this.#sessions.get(sessionId);
  }

  async delete(sessionId: string): Promise<boolean> {
    return this.#sessions.delete(sessionId);
  }

  async close(): Promise<void> {
    this.#sessions.clear();
  }
}
