import { Problem } from '../http/problem.ts';
import { RedisStore } from './redis-store.ts';
import {
  type Appended,
  type Click,
  type LoggedSession,
  MemoryStore,
  type SessionLimits,
  type SessionStore,
  type StoredSession,
  type StoreOptions,
  type StoreStatus,
} from './session-store.ts';

/**
 * While the inner store fails, sessions are in memory: those that this process has seen lately continue, others start empty.
 * The inner store is tried again every second; it does not get what it missed.
 */
export class FallbackStore implements SessionStore {
  readonly #store: SessionStore;
  readonly #memory: MemoryStore;
  readonly #retryMs: number;
  #failure: { readonly since: string; readonly error: string } | undefined;
  #retry: NodeJS.Timeout | undefined;
  #onStatus: (status: StoreStatus) => void = () => undefined;

  constructor(store: SessionStore, limits: Partial<SessionLimits> = {}, retryMs = 1000) {
    this.#store = store;
    this.#memory = new MemoryStore(limits);
    this.#retryMs = retryMs;
  }

  get size(): number | undefined {
    return this.#failure ? this.#memory.size : this.#store.size;
  }

  get limits(): SessionLimits {
    return this.#memory.limits;
  }

  get status(): StoreStatus {
    return this.#failure ? { state: 'unavailable', ...this.#failure } : { state: 'available' };
  }

  watch(onStatus: (status: StoreStatus) => void): void {
    this.#onStatus = onStatus;
    if (this.#failure) onStatus(this.status);
  }

  async append(sessionId: string, click: Click): Promise<Appended> {
    const here = await this.#memory.append(sessionId, click);
    if (here.repeated) return { ...here, session: (await this.read(sessionId)) ?? here.session };
    const there = await this.#try(() => this.#store.append(sessionId, click));
    if (there) this.#memory.put(sessionId, there.session);
    return { ...here, session: there?.session ?? here.session };
  }

  async read(sessionId: string): Promise<StoredSession | undefined> {
    const there = await this.#try(async () => ({ session: await this.#store.read(sessionId) }));
    if (there) this.#memory.put(sessionId, there.session);
    return there ? there.session : this.#memory.read(sessionId);
  }

  /** @throws Problem (503) if the inner store fails: it would have the session again later. */
  async delete(sessionId: string): Promise<boolean> {
    await this.#memory.delete(sessionId);
    const there = await this.#try(async () => ({ isKnown: await this.#store.delete(sessionId) }));
    if (!there) throw new Problem(503, 'The store of the sessions fails, and cannot forget now');
    return there.isKnown;
  }

  restore(sessions: Iterable<LoggedSession>): void {
    this.#memory.restore(sessions);
  }

  async close(): Promise<void> {
    clearTimeout(this.#retry);
    await this.#store.close().catch(() => {});
  }

  async #try<Result>(operation: () => Promise<Result>): Promise<Result | undefined> {
    if (this.#failure) return undefined;
    try {
      return await operation();
    } catch (error) {
      // The others on the way end with the first.
      if (!this.#failure) this.#fail((error as Error).message);
      return undefined;
    }
  }

  #fail(error: string): void {
    const isKnown = this.#failure !== undefined;
    this.#failure = { since: this.#failure?.since ?? new Date().toISOString(), error };
    if (!isKnown) this.#onStatus(this.status);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.tryInner(), this.#retryMs).unref();
  }

  /** Finds out whether the inner store works. */
  async tryInner(): Promise<void> {
    try {
      await (this.#store.probe?.() ?? this.#store.read(''));
      if (!this.#failure) return;
      this.#failure = undefined;
      this.#onStatus(this.status);
    } catch (error) {
      this.#fail((error as Error).message);
    }
  }
}

/**
 * A Redis that fails is replaced by memory until it works again.
 * @param text - `memory`, or a URL as of `RedisStore.open`.
 * @throws RangeError if the text is none of these, RedisRefusal as `RedisStore.open`.
 */
export async function openSessionStore(
  text: string,
  { readOnly, ...limits }: StoreOptions = {},
): Promise<SessionStore> {
  if (text === 'memory') return new MemoryStore(limits);
  if (!isRedisUrl(text)) {
    const shown = /^rediss?:/.test(text) ? 'another URL' : JSON.stringify(text);
    throw new RangeError(`expected memory or redis://HOST:PORT/DATABASE, got ${shown}`);
  }
  const store = new FallbackStore(await RedisStore.open(text, { readOnly, ...limits }), limits);
  await store.tryInner();
  return store;
}

function isRedisUrl(text: string): boolean {
  if (!/^rediss?:\/\//.test(text) || !URL.canParse(text)) return false;
  const { hostname, pathname } = new URL(text);
  return hostname !== '' && /^\/?\d*$/.test(pathname);
}
