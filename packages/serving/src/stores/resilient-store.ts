import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import {
  type Appended,
  appendClick,
  type Click,
  type SessionLimits,
  type SessionStore,
  type StoredSession,
  type StoreStatus,
  sessionLimits,
} from '../session-store.ts';

/** Limits of the sessions, and how often a store that failed is tried again. */
export interface ResilientStoreOptions extends Partial<SessionLimits> {
  /** Milliseconds between two attempts (1000). */
  readonly retryMs?: number;
}

/** Deletes what the store has of a session. */
class Forget {}

/** What the store lacks of a session. */
interface Pending {
  /** In order: perhaps that the session is forgotten, then its newest clicks. */
  changes: (Forget | Click)[];
  lastMs: number;
}

/** Sessions that are written back at the same time. */
const WRITERS = 32;

/**
 * A store that goes on without the one behind it. While that one fails, sessions are in memory: those that this process
 * has seen lately continue, all others start empty. When it answers again, what it missed is written back.
 *
 * A click without an event id gets one here, so that a click counts once even if it was stored and the answer was lost.
 */
export class ResilientStore implements SessionStore {
  readonly #store: SessionStore;
  readonly #limits: SessionLimits;
  readonly #retryMs: number;
  readonly #seen: LRUCache<string, StoredSession>;
  readonly #pending: Map<string, Pending> = new Map();
  readonly #eventIds: string = `~${randomBytes(9).toString('base64url')}`;
  #events = 0;
  #lostSessions = 0;
  #error: Error | undefined;
  #sinceMs: number | undefined;
  #retry: NodeJS.Timeout | undefined;
  #recovery: Promise<void> = Promise.resolve();
  #isClosed = false;
  #listener: ((status: StoreStatus) => void) | undefined;

  /** @param store - the store behind this one, which closes it. */
  constructor(store: SessionStore, { retryMs = 1000, ...limits }: ResilientStoreOptions = {}) {
    this.#store = store;
    this.#limits = { ...sessionLimits, ...limits };
    this.#retryMs = retryMs;
    const { maxSessions, maxAgeMs } = this.#limits;
    this.#seen = new LRUCache({ max: maxSessions, ttl: maxAgeMs, perf: Date });
  }

  get size(): number | undefined {
    return this.#error ? this.#seen.size : this.#store.size;
  }

  get status(): StoreStatus {
    const pendingSessions = this.#pending.size;
    const lostSessions = this.#lostSessions;
    if (this.#sinceMs === undefined) return { state: 'available', pendingSessions, lostSessions };
    const since = new Date(this.#sinceMs).toISOString();
    if (!this.#error) return { state: 'recovering', since, pendingSessions, lostSessions };
    return { state: 'unavailable', since, error: this.#error.message, pendingSessions, lostSessions };
  }

  watch(listener: (status: StoreStatus) => void): void {
    this.#listener = listener;
    if (this.#sinceMs !== undefined) listener(this.status);
  }

  append(sessionId: string, click: Click): Promise<Appended> {
    const eventId = click.eventId ?? `${this.#eventIds}${(this.#events++).toString(36)}`;
    const identified = { ...click, eventId };
    return this.#run(
      sessionId,
      async () => {
        const appended = await this.#store.append(sessionId, identified);
        this.#seen.set(sessionId, appended.session);
        return appended;
      },
      () => this.#appendHere(sessionId, identified),
    );
  }

  read(sessionId: string): Promise<StoredSession | undefined> {
    return this.#run(
      sessionId,
      async () => {
        const session = await this.#store.read(sessionId);
        // A session that was read is not younger for it.
        if (session) this.#seen.set(sessionId, session, { noUpdateTTL: true });
        else this.#seen.delete(sessionId);
        return session;
      },
      () => this.#seen.get(sessionId),
    );
  }

  delete(sessionId: string): Promise<boolean> {
    return this.#run(
      sessionId,
      async () => {
        const isKnown = await this.#store.delete(sessionId);
        this.#seen.delete(sessionId);
        return isKnown;
      },
      () => {
        this.#setPending(sessionId, [new Forget()]);
        return this.#seen.delete(sessionId);
      },
    );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    await this.#recovery;
    if (this.#error) await this.#recover();
    this.#lostSessions += this.#pending.size;
    if (this.#pending.size > 0) this.#listener?.(this.status);
    await this.#store.close().catch(() => {});
  }

  /** Runs an operation in the store, or in memory if the store fails or lacks clicks of the session. */
  async #run<Result>(sessionId: string, there: () => Promise<Result>, here: () => Result): Promise<Result> {
    if (this.#error || this.#pending.has(sessionId)) return here();
    try {
      return await there();
    } catch (error) {
      this.#fail(error as Error);
      return here();
    }
  }

  #appendHere(sessionId: string, click: Click): Appended {
    const { maxClicks } = this.#limits;
    const before = this.#seen.get(sessionId);
    const appended = appendClick(before, click, maxClicks);
    this.#seen.set(sessionId, appended.session);
    const pending = this.#pending.get(sessionId);
    if (appended.repeated) {
      if (pending) pending.lastMs = Date.now();
      return appended;
    }
    const changes = pending ? this.#changesOf(pending) : [];
    changes.push(click);
    const surplus = changes.filter((change) => !(change instanceof Forget)).length - maxClicks;
    if (surplus > 0) changes.splice(changes[0] instanceof Forget ? 1 : 0, surplus);
    this.#setPending(sessionId, changes);
    return appended;
  }

  /** What is still to be written: clicks of a session that is over are not. */
  #changesOf({ changes, lastMs }: Pending): (Forget | Click)[] {
    const isOver = Date.now() - lastMs > this.#limits.maxAgeMs;
    return isOver ? changes.filter((change) => change instanceof Forget) : changes;
  }

  #setPending(sessionId: string, changes: (Forget | Click)[]): void {
    this.#pending.set(sessionId, { changes, lastMs: Date.now() });
    if (this.#pending.size <= this.#limits.maxSessions) return;
    const [oldest] = this.#pending.keys();
    if (oldest !== undefined && this.#pending.delete(oldest)) this.#lostSessions++;
  }

  #fail(error: Error): void {
    if (this.#error) return;
    this.#error = error;
    this.#sinceMs ??= Date.now();
    this.#listener?.(this.status);
    this.#retryLater();
  }

  #retryLater(): void {
    clearTimeout(this.#retry);
    if (this.#isClosed) return;
    this.#retry = setTimeout(() => {
      this.#recovery = this.#recovery.then(() => this.#recover());
    }, this.#retryMs).unref();
  }

  /** Tries the store again, and writes back what it lacks. */
  async #recover(): Promise<void> {
    try {
      await this.#store.read('');
      // The first ones show whether the store can be written, too.
      await this.#writeBackSome();
      this.#error = undefined;
      while (this.#pending.size > 0 && !this.#error) await this.#writeBackSome();
      if (this.#error) return;
      this.#sinceMs = undefined;
      this.#listener?.(this.status);
    } catch (error) {
      if (this.#error) {
        this.#error = error as Error;
        this.#retryLater();
      } else this.#fail(error as Error);
    }
  }

  async #writeBackSome(): Promise<void> {
    const some = [...this.#pending.keys()].slice(0, WRITERS);
    const ends = await Promise.allSettled(some.map((sessionId) => this.#writeBack(sessionId)));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  /** Writes back what the store lacks of a session now. What arrives meanwhile is left, because it comes after. */
  async #writeBack(sessionId: string): Promise<void> {
    const pending = this.#pending.get(sessionId);
    const written = new Set(pending ? this.#changesOf(pending) : []);
    const ends = [...written].map((change) =>
      change instanceof Forget ? this.#store.delete(sessionId) : this.#store.append(sessionId, change),
    );
    await Promise.all<unknown>(ends);
    // A deletion in the meantime has replaced the changes.
    const left = this.#pending.get(sessionId);
    if (left) left.changes = this.#changesOf(left).filter((change) => !written.has(change));
    if (left?.changes.length === 0) this.#pending.delete(sessionId);
  }
}
