import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  type Appended,
  type Click,
  MemoryStore,
  ResilientStore,
  type ResilientStoreOptions,
  type SessionStore,
  type StoredSession,
  type StoreStatus,
  UnreadableSession,
} from '../../src/index.ts';

/** How the store behind fails: before it does what it was asked, or after it, so that only the answer is lost. */
type Failure = 'before' | 'after' | undefined;

/** A store that fails when it is told to, for all sessions or for some. */
class FailingStore implements SessionStore {
  failure: Failure;
  /** Begins the ids of sessions that cannot be written. */
  refused = 'none';
  readonly damaged: Set<string> = new Set();
  readonly inner: SessionStore;

  constructor(inner: SessionStore = new MemoryStore()) {
    this.inner = inner;
  }

  get size(): number | undefined {
    return this.inner.size;
  }

  async #run<Result>(sessionId: string, operation: () => Promise<Result>): Promise<Result> {
    const { failure } = this;
    await Promise.resolve();
    if (failure === 'before') throw new Error('the store is away');
    if (sessionId.startsWith(this.refused)) throw new Error('this session is refused');
    if (this.damaged.delete(sessionId)) throw new UnreadableSession(`${sessionId} is damaged`);
    const result = await operation();
    if (failure === 'after') throw new Error('the answer is lost');
    return result;
  }

  append(sessionId: string, click: Click): Promise<Appended> {
    return this.#run(sessionId, () => this.inner.append(sessionId, click));
  }

  read(sessionId: string): Promise<StoredSession | undefined> {
    return this.#run(sessionId, () => this.inner.read(sessionId));
  }

  delete(sessionId: string): Promise<boolean> {
    return this.#run(sessionId, () => this.inner.delete(sessionId));
  }

  async close(): Promise<void> {
    await this.inner.close();
  }
}

const click = (item: string, eventId?: string): Click => ({
  item,
  timeMs: 1,
  ...(eventId === undefined ? {} : { eventId }),
});
const items = (session: StoredSession | undefined) => session?.clicks.map(({ item }) => item);

function setUp({ retryMs = 5, ...limits }: ResilientStoreOptions = {}) {
  const behind = new FailingStore(new MemoryStore(limits));
  const store = new ResilientStore(behind, { retryMs, ...limits });
  const statuses: StoreStatus[] = [];
  const onUnreadable = vi.fn();
  store.watch({ onStatus: (status) => statuses.push(status), onUnreadable });
  onTestFinished(() => store.close(0));
  const recovered = () => vi.waitFor(() => expect(store.status.state).toBe('available'));
  return { behind, store, statuses, onUnreadable, recovered };
}

describe('ResilientStore', () => {
  it('continues the sessions that it has seen, and writes back what the store missed', async () => {
    const { behind, store, statuses, recovered } = setUp();
    await store.append('ann', click('a'));
    behind.failure = 'before';
    expect(items((await store.append('ann', click('b'))).session)).toEqual(['a', 'b']);
    expect(items((await store.append('bob', click('x'))).session)).toEqual(['x']);
    expect(items(await store.read('ann'))).toEqual(['a', 'b']);
    expect(store.status).toMatchObject({
      state: 'unavailable',
      error: 'the store is away',
      pendingSessions: 2,
    });
    expect(items(await behind.inner.read('ann'))).toEqual(['a']);
    behind.failure = undefined;
    await recovered();
    expect(items(await behind.inner.read('ann'))).toEqual(['a', 'b']);
    expect(items(await behind.inner.read('bob'))).toEqual(['x']);
    expect(statuses.map(({ state }) => state)).toEqual(['unavailable', 'available']);
    expect(store.status).toEqual({
      ...{ state: 'available', pendingSessions: 0, lostSessions: 0, unreadableSessions: 0 },
    });
  });

  it('counts a click once if it was stored and the answer was lost', async () => {
    const { behind, store, recovered } = setUp();
    behind.failure = 'after';
    await store.append('ann', click('a'));
    await store.append('ann', click('a'));
    behind.failure = undefined;
    await recovered();
    expect(items(await behind.inner.read('ann'))).toEqual(['a', 'a']);
  });

  it('forgets a session that is deleted meanwhile', async () => {
    const { behind, store, recovered } = setUp();
    await store.append('ann', click('a'));
    behind.failure = 'before';
    await store.append('ann', click('b'));
    expect(await store.delete('ann')).toBe(true);
    expect(await store.read('ann')).toBeUndefined();
    await store.append('ann', click('c'));
    behind.failure = undefined;
    await recovered();
    expect(items(await behind.inner.read('ann'))).toEqual(['c']);
  });

  it('does not revive a session that is over', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const { behind, store, recovered } = setUp({ maxAgeMs: 60_000 });
    behind.failure = 'before';
    await store.append('ann', click('a'));
    await store.append('bob', click('x'));
    vi.setSystemTime(Date.now() + 61_000);
    await setTimeout(5);
    expect(items((await store.append('bob', click('y'))).session)).toEqual(['y']);
    behind.failure = undefined;
    await recovered();
    expect(await behind.inner.read('ann')).toBeUndefined();
    expect(items(await behind.inner.read('bob'))).toEqual(['y']);
  });

  it('keeps a bounded number of sessions and clicks, and counts the sessions that it loses', async () => {
    const { behind, store, recovered } = setUp({ maxSessions: 3, maxClicks: 2 });
    behind.failure = 'before';
    for (const id of ['a', 'b', 'c', 'd']) for (const item of '123') await store.append(id, click(item));
    expect(store.status).toMatchObject({ pendingSessions: 3, lostSessions: 1 });
    behind.failure = undefined;
    await recovered();
    expect(items(await behind.inner.read('d'))).toEqual(['2', '3']);
    expect(store.status.lostSessions).toBe(1);
  });

  it('keeps a bounded number of bytes while the store is away', async () => {
    const { behind, store, recovered } = setUp({ maxBytes: 3 * (160 + 100 + 2 * (500 + 500 + 30)) });
    behind.failure = 'before';
    const id = (at: number) => String(at).padEnd(500, 'x');
    for (let at = 0; at < 10; at++) await store.append(id(at), click(id(at)));
    expect(store.status).toMatchObject({ pendingSessions: 3, lostSessions: 7 });
    await store.append('huge', click('x'.repeat(5000)));
    expect(store.status).toMatchObject({ pendingSessions: 3, lostSessions: 8 });
    behind.failure = undefined;
    await recovered();
    expect(items(await behind.inner.read(id(9)))).toEqual([id(9)]);
  });

  it('writes back when it is closed, and says which sessions it could not write', async () => {
    for (const failure of [undefined, 'before'] as const) {
      const { behind, store, statuses } = setUp({ retryMs: 60_000 });
      behind.failure = 'before';
      await store.append('ann', click('a'));
      behind.failure = failure;
      const close = vi.spyOn(behind.inner, 'close').mockResolvedValue();
      await store.close(20);
      expect(close).toHaveBeenCalledOnce();
      expect(items(await behind.inner.read('ann'))).toEqual(failure ? undefined : ['a']);
      expect(statuses.at(-1)).toMatchObject(failure ? { lostSessions: 1 } : { state: 'available' });
    }
  });

  it('tries until its deadline to write back when it is closed', async () => {
    const { behind, store } = setUp({ retryMs: 20 });
    behind.failure = 'before';
    for (let at = 0; at < 100; at++) await store.append(String(at), click('a'));
    const close = vi.spyOn(behind.inner, 'close').mockResolvedValue();
    const closing = store.close(10_000);
    await setTimeout(70);
    behind.failure = undefined;
    await closing;
    expect(close).toHaveBeenCalledOnce();
    expect(behind.inner.size).toBe(100);
    expect(store.status).toMatchObject({ pendingSessions: 0, lostSessions: 0 });
  });

  it('starts a session that is unreadable empty, reports it once, and goes on with the others', async () => {
    const { behind, store, statuses, onUnreadable } = setUp();
    behind.damaged.add('ann').add('bob').add('cat').add('');
    expect(items((await store.append('ann', click('a'))).session)).toEqual(['a']);
    expect(await store.read('bob')).toBeUndefined();
    expect(await store.delete('cat')).toBe(false);
    await store.append('ann', click('b'));
    expect(items(await behind.inner.read('ann'))).toEqual(['a', 'b']);
    expect(onUnreadable.mock.calls.map(([id, { message }]) => [id, message])).toEqual(
      ['ann', 'bob', 'cat'].map((id) => [id, `${id} is damaged`]),
    );
    expect(store.status).toMatchObject({ state: 'available', unreadableSessions: 3 });
    expect(statuses).toEqual([]);
  });

  it('writes back clicks in order to a session that became unreadable meanwhile', async () => {
    const { behind, store, recovered } = setUp();
    behind.failure = 'before';
    for (const item of 'abcd') await store.append('ann', click(item));
    behind.damaged.add('ann').add('');
    behind.failure = undefined;
    await recovered();
    expect(items(await behind.inner.read('ann'))).toEqual(['a', 'b', 'c', 'd']);
    expect(store.status).toMatchObject({ lostSessions: 0, unreadableSessions: 2 });
  });

  it('writes back all sessions but those that are refused, and reports an outage once', async () => {
    const { behind, store, statuses, recovered } = setUp();
    behind.failure = 'before';
    const ids = [...Array(100).keys()].map((at) => `${at < 70 ? 'bad' : 'good'}${at}`);
    for (const id of ids) await store.append(id, click('a'));
    behind.refused = 'bad';
    behind.failure = undefined;
    await vi.waitFor(() => expect(store.status).toMatchObject({ state: 'recovering', pendingSessions: 70 }));
    await setTimeout(20);
    expect(store.status).toMatchObject({ state: 'recovering', pendingSessions: 70 });
    await store.append('good70', click('b'));
    expect(items(await behind.inner.read('good70'))).toEqual(['a', 'b']);
    expect(items((await store.append('bad0', click('b'))).session)).toEqual(['a', 'b']);
    behind.failure = 'before';
    await store.append('good71', click('b'));
    expect(store.status).toMatchObject({ state: 'unavailable', pendingSessions: 71 });
    behind.refused = 'none';
    behind.failure = undefined;
    await recovered();
    expect(statuses.map(({ state }) => state)).toEqual(['unavailable', 'available']);
    expect(items(await behind.inner.read('bad0'))).toEqual(['a', 'b']);
    expect(store.status.lostSessions).toBe(0);
  });

  it('tells a late listener that the store is away', async () => {
    const { behind, store } = setUp();
    behind.failure = 'before';
    await store.read('ann');
    const onStatus = vi.fn();
    store.watch({ onStatus, onUnreadable() {} });
    expect(onStatus).toHaveBeenCalledWith(expect.objectContaining({ state: 'unavailable' }));
  });

  it('has the clicks of a store that never failed, whatever fails in between', async () => {
    const action = fc.oneof(
      {
        arbitrary: fc.record({
          id: fc.constantFrom('a', 'b'),
          eventId: fc.constantFrom(undefined, '1', '2'),
        }),
        weight: 6,
      },
      { arbitrary: fc.record({ forget: fc.constantFrom('a', 'b') }), weight: 1 },
      {
        arbitrary: fc.record({ failure: fc.constantFrom<Failure>('before', 'after', undefined) }),
        weight: 3,
      },
      { arbitrary: fc.record({ waitMs: fc.constantFrom(0, 2, 8) }), weight: 2 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
        const limits = { maxClicks: 100, maxSessions: 10 };
        const behind = new FailingStore(new MemoryStore(limits));
        const store = new ResilientStore(behind, { retryMs: 3, ...limits });
        const oracle = new MemoryStore(limits);
        for (const [at, given] of actions.entries()) {
          if ('failure' in given) behind.failure = given.failure;
          else if ('waitMs' in given) await setTimeout(given.waitMs);
          else if ('forget' in given)
            await Promise.all([store, oracle].map((any) => any.delete(given.forget)));
          else {
            const next = click(String(at), given.eventId);
            const answers = await Promise.all([store, oracle].map((any) => any.append(given.id, next)));
            expect(items(answers[0]?.session)).toEqual(items(answers[1]?.session));
            expect(answers[0]?.repeated).toBe(answers[1]?.repeated);
          }
        }
        behind.failure = undefined;
        await vi.waitFor(() => expect(store.status.state).toBe('available'), { interval: 2 });
        for (const id of ['a', 'b'])
          expect(items(await behind.inner.read(id))).toEqual(items(await oracle.read(id)));
        await store.close();
      }),
      { numRuns: 60 },
    );
  });
});
