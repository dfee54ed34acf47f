import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { callback, checkOptions, finite, type OptionChecks, required } from '@gru4rec/checked-options';
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
  type StoreStatus,
  type StoreWatch,
  sessionLimits,
  UnreadableSession,
} from '../session-store.ts';
import { clicksOf, Forget, type PendingChanges } from './pending-changes.ts';

/** Limits of the sessions, and how often a store that failed is tried again. */
export interface ResilientStoreOptions extends Partial<SessionLimits> {
  /** Milliseconds between two attempts (1000). */
  readonly retryMs?: number;
}

const checks: OptionChecks<ResilientStoreOptions> = { ...limitChecks, retryMs: finite(0) };

const watchChecks: OptionChecks<StoreWatch> = {
  ...{ onStatus: required(callback), onUnreadable: required(callback) },
};

/** Sessions that are written back at the same time. */
const WRITERS = 32;

/**
 * Wraps a session store. While the inner store fails, sessions are in memory: those that this process has seen lately
 * continue, all others start empty. When the inner store works again, what it missed is written back.
 *
 * A session that the inner store cannot read starts empty, and all others go on. A session that cannot be written back,
 * while others can, stays in memory and is tried again.
 *
 * A click without an event id gets one here, so that a click counts once even if it was stored and the answer was lost.
 */
export class ResilientStore implements SessionStore {
  readonly #store: SessionStore;
  readonly #limits: SessionLimits;
  readonly #retryMs: number;
  readonly #seen: LRUCache<string, StoredSession>;
  readonly #pending: LRUCache<string, PendingChanges>;
  readonly #eventIds: string = `~${randomBytes(9).toString('base64url')}`;
  #events = 0;
  #lostSessions = 0;
  #unreadableSessions = 0;
  #error: Error | undefined;
  #sinceMs: number | undefined;
  #retry: NodeJS.Timeout | undefined;
  #recovery: Promise<void> = Promise.resolve();
  /** When writing back ends, by the clock of `performance`. Finite once the store is closed. */
  #deadline = Number.POSITIVE_INFINITY;
  #watch: StoreWatch | undefined;

  /** @param store - the inner store; closing the resilient store closes it. */
  constructor(store: SessionStore, options: ResilientStoreOptions = {}) {
    checkOptions('ResilientStore', options, checks);
    const { retryMs = 1000, ...limits } = options;
    this.#store = store;
    this.#limits = { ...sessionLimits, ...limits };
    this.#retryMs = retryMs;
    const { maxSessions: max, maxAgeMs: ttl, maxBytes: maxSize } = this.#limits;
    this.#seen = new LRUCache({
      ...{ max, maxSize, ttl, perf: Date },
      sizeCalculation: ({ clicks }, sessionId) => bytesOfSession(sessionId, clicks),
    });
    this.#pending = new LRUCache({
      ...{ max, maxSize },
      sizeCalculation: ({ changes }, sessionId) => bytesOfSession(sessionId, clicksOf(changes)),
      dispose: (_, __, reason) => {
        if (reason === 'evict') this.#lostSessions++;
      },
    });
  }

  get size(): number | undefined {
    return this.#error ? this.#seen.size : this.#store.size;
  }

  get status(): StoreStatus {
    const counts = {
      pendingSessions: this.#pending.size,
      lostSessions: this.#lostSessions,
      unreadableSessions: this.#unreadableSessions,
    };
    if (this.#sinceMs === undefined) return { state: 'available', ...counts };
    const since = new Date(this.#sinceMs).toISOString();
    if (!this.#error) return { state: 'recovering', since, ...counts };
    return { state: 'unavailable', since, error: this.#error.message, ...counts };
  }

  watch(watch: StoreWatch): void {
    checkOptions('ResilientStore.watch', watch, watchChecks);
    this.#watch = watch;
    if (this.#sinceMs !== undefined) watch.onStatus(this.status);
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

  async close(limitMs = 20_000): Promise<void> {
    this.#deadline = performance.now() + limitMs;
    clearTimeout(this.#retry);
    await this.#recovery;
    while (this.#pending.size > 0) {
      await this.#recover();
      if (performance.now() + this.#retryMs > this.#deadline) break;
      if (this.#pending.size > 0) await delay(this.#retryMs);
    }
    const unwritten = this.#pending.size;
    this.#pending.clear();
    this.#lostSessions += unwritten;
    if (unwritten > 0) this.#watch?.onStatus(this.status);
    await this.#store.close().catch(() => {});
  }

  /** Runs an operation in the store, or in memory if the store fails or lacks clicks of the session. */
  async #run<Result>(sessionId: string, there: () => Promise<Result>, here: () => Result): Promise<Result> {
    if (this.#error || this.#pending.has(sessionId)) return here();
    try {
      return await this.#readable(sessionId, there);
    } catch (error) {
      this.#fail(error as Error);
      return here();
    }
  }

  /** Runs an operation in the store, once more if the session was unreadable and is set aside now. */
  async #readable<Result>(sessionId: string, operation: () => Promise<Result>): Promise<Result> {
    try {
      return await operation();
    } catch (error) {
      if (!(error instanceof UnreadableSession)) throw error;
      this.#unreadableSessions++;
      this.#watch?.onUnreadable(sessionId, error);
      return operation();
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
    const changes = [...(pending ? this.#changesOf(pending) : []), click];
    const surplus = clicksOf(changes).length - maxClicks;
    if (surplus > 0) changes.splice(changes[0] instanceof Forget ? 1 : 0, surplus);
    this.#setPending(sessionId, changes);
    return appended;
  }

  /** What is still to be written: clicks of a session that is over are not. */
  #changesOf({ changes, lastMs }: PendingChanges): readonly (Forget | Click)[] {
    const isOver = Date.now() - lastMs > this.#limits.maxAgeMs;
    return isOver ? changes.filter((change) => change instanceof Forget) : changes;
  }

  #setPending(sessionId: string, changes: (Forget | Click)[]): void {
    this.#pending.set(sessionId, { changes, lastMs: Date.now() });
    // One that is larger than all memory of sessions is not kept.
    if (!this.#pending.has(sessionId)) this.#lostSessions++;
  }

  #fail(error: Error): void {
    if (this.#error) return;
    this.#error = error;
    // A failure while sessions are written back belongs to the same outage, which is already reported.
    const isReported = this.#sinceMs !== undefined;
    this.#sinceMs ??= Date.now();
    if (!isReported) this.#watch?.onStatus(this.status);
    this.#retryLater();
  }

  #retryLater(): void {
    clearTimeout(this.#retry);
    if (Number.isFinite(this.#deadline)) return;
    this.#retry = setTimeout(() => {
      this.#recovery = this.#recovery.then(() => this.#recover());
    }, this.#retryMs).unref();
  }

  /** Tries the store again, and writes back what it lacks. */
  async #recover(): Promise<void> {
    try {
      await this.#readable('', () => this.#store.read(''));
      await this.#writeBackAll();
    } catch (error) {
      if (!this.#error) return this.#fail(error as Error);
      this.#error = error as Error;
    }
    if (this.#error || this.#pending.size > 0) return this.#retryLater();
    if (this.#sinceMs === undefined) return;
    this.#sinceMs = undefined;
    this.#watch?.onStatus(this.status);
  }

  /**
   * Tries to write back each session that waits, until a whole batch fails. One success shows that the store works, and
   * that failures concern their sessions.
   * @throws the error of the first session if the store fails and took none.
   */
  async #writeBackAll(): Promise<void> {
    const failed = new Set<string>();
    let isFailing = false;
    do {
      const batch = this.#nextBatch(failed);
      const ends = await Promise.allSettled(batch.map((sessionId) => this.#writeBack(sessionId)));
      const errors = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as Error] : []));
      for (const [at, sessionId] of batch.entries()) {
        if (ends[at]?.status === 'rejected') failed.add(sessionId);
      }
      isFailing = errors.length === batch.length;
      if (!isFailing || batch.length === 0) this.#error = undefined;
      else if (this.#error) throw errors[0];
    } while (!isFailing && performance.now() < this.#deadline);
  }

  /** The sessions that wait for longest since their last click or attempt, and have not failed. */
  #nextBatch(failed: ReadonlySet<string>): string[] {
    const batch = [];
    for (const sessionId of this.#pending.rkeys()) {
      if (!failed.has(sessionId)) batch.push(sessionId);
      if (batch.length === WRITERS) break;
    }
    return batch;
  }

  /** Writes back what the store lacks of a session now. What arrives meanwhile is left, because it comes after. */
  async #writeBack(sessionId: string): Promise<void> {
    const pending = this.#pending.get(sessionId);
    const [first, ...others] = pending ? this.#changesOf(pending) : [];
    const write = (change: Forget | Click): Promise<unknown> =>
      change instanceof Forget ? this.#store.delete(sessionId) : this.#store.append(sessionId, change);
    // An unreadable session is set aside before the clicks that follow are on their way.
    if (first) await this.#readable(sessionId, () => write(first));
    await Promise.all(others.map(write));
    const written = new Set([first, ...others]);
    // A deletion in the meantime has replaced the changes.
    const left = this.#pending.get(sessionId);
    if (!left) return;
    const changes = this.#changesOf(left).filter((change) => !written.has(change));
    if (changes.length === 0) this.#pending.delete(sessionId);
    else this.#pending.set(sessionId, { ...left, changes });
  }
}
