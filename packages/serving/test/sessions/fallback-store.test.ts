import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  FallbackStore,
  MemoryStore,
  openSessionStore,
  type StoredSession,
  type StoreStatus,
} from '../../src/index.ts';
import { clickOf } from '../clicks.ts';
import { startServer } from '../tiny-server.ts';

const items = (session: StoredSession | undefined) => session?.clicks.map(({ item }) => item);
const AWAY = new Error('the store is away');

/** A store whose inner one fails and works again. */
function setUp() {
  const inner = new MemoryStore();
  const store = new FallbackStore(inner, {}, 5);
  onTestFinished(() => store.close());
  const statuses: StoreStatus[] = [];
  store.watch((status) => statuses.push(status));
  return {
    ...{ inner, store, statuses },
    fail() {
      for (const name of ['append', 'read', 'delete'] as const) vi.spyOn(inner, name).mockRejectedValue(AWAY);
    },
    async recover() {
      vi.restoreAllMocks();
      await expect.poll(() => store.status).toEqual({ state: 'available' });
    },
  };
}

describe('FallbackStore', () => {
  it('continues the sessions that it has seen while the inner store fails, and then those of the inner store', async () => {
    const { inner, store, statuses, fail, recover } = setUp();
    await store.append('ann', clickOf('a', '1'));
    await inner.append('bob', clickOf('x'));
    expect(items(await store.read('bob'))).toEqual(['x']);
    fail();
    expect(items((await store.append('ann', clickOf('b', '2'))).session)).toEqual(['a', 'b']);
    expect((await store.append('ann', clickOf('a', '1'))).repeated).toBe(true);
    expect(items(await store.read('bob'))).toEqual(['x']);
    expect(items((await store.append('cy', clickOf('c'))).session)).toEqual(['c']);
    expect(store.status).toMatchObject({ state: 'unavailable', error: 'the store is away' });
    await recover();
    expect(items(await store.read('ann'))).toEqual(['a']);
    // The event of a click that the inner store missed is known: it is in the log.
    expect((await store.append('ann', clickOf('b', '2'))).repeated).toBe(true);
    expect(items((await store.append('ann', clickOf('d'))).session)).toEqual(['a', 'd']);
    expect(statuses.map(({ state }) => state)).toEqual(['unavailable', 'available']);
  });

  it('gives what the inner store has, which other servers change', async () => {
    const { inner, store, fail } = setUp();
    await store.append('ann', clickOf('a', '1'));
    await inner.append('ann', clickOf('b'));
    expect(await store.append('ann', clickOf('a', '1'))).toMatchObject({ repeated: true });
    expect(items((await store.append('ann', clickOf('c'))).session)).toEqual(['a', 'b', 'c']);
    await inner.delete('ann');
    expect(await store.read('ann')).toBeUndefined();
    // It remembers them, too, for the time that the inner store fails.
    await store.append('bob', clickOf('x'));
    await inner.append('bob', clickOf('y'));
    await store.append('bob', clickOf('z'));
    fail();
    expect(items(await store.read('bob'))).toEqual(['x', 'y', 'z']);
  });

  it('keeps what it has in memory while the inner store reads and takes no clicks', async () => {
    const { inner, store, recover } = setUp();
    await store.append('ann', clickOf('a'));
    vi.spyOn(inner, 'append').mockRejectedValue(AWAY);
    const probe = vi.fn<() => Promise<void>>().mockRejectedValue(AWAY);
    Object.assign(inner, { probe });
    await store.append('ann', clickOf('b'));
    await expect.poll(() => probe.mock.settledResults.length).toBeGreaterThan(2);
    expect(items(await store.read('ann'))).toEqual(['a', 'b']);
    expect(store.status.state).toBe('unavailable');
    probe.mockResolvedValue();
    await recover();
    expect(items((await store.append('ann', clickOf('c'))).session)).toEqual(['a', 'c']);
  });

  it('says that a late listener is late, and forgets nothing that the inner store would have again', async () => {
    const { store, fail, recover } = setUp();
    await store.append('ann', clickOf('a'));
    fail();
    await expect(store.delete('ann')).rejects.toMatchObject({ statusCode: 503 });
    const onStatus = vi.fn();
    store.watch(onStatus);
    expect(onStatus).toHaveBeenCalledWith(expect.objectContaining({ state: 'unavailable' }));
    await recover();
    expect(await store.delete('ann')).toBe(true);
    expect(await store.read('ann')).toBeUndefined();
  });
});

describe('A server with a store that fails', () => {
  it('says so in /health/ready and /metrics and goes on, but forgets no session', async () => {
    const { store: sessions, fail, recover } = setUp();
    const { ask } = await startServer({ sessions });
    expect((await ask('/health/ready')).body).toEqual({ status: 'ready', sessions: 'available' });
    fail();
    const { status, body } = await ask('/v1/sessions/ann/events', { item: '1021', n: 2 });
    expect([status, body.items.length]).toEqual([200, 2]);
    expect((await ask('/health/ready')).body).toEqual({ status: 'ready', sessions: 'unavailable' });
    expect((await ask('/metrics')).body).toMatch(/^gru4rec_session_store_available 0$/m);
    const deleted = await ask('/v1/sessions/ann', undefined, { method: 'DELETE' });
    expect([deleted.status, deleted.body.detail]).toEqual([
      503,
      'The store of the sessions fails, and cannot forget now',
    ]);
    await recover();
    expect((await ask('/metrics')).body).toMatch(/^gru4rec_session_store_available 1$/m);
  });
});

describe('openSessionStore', () => {
  it.each(['disk', 'redis://user:secret@host/name', ''])(
    'refuses %j in one line, without the password',
    async (text) => {
      const error: Error = await openSessionStore(text).then(
        () => new Error('It opened'),
        (reason) => reason,
      );
      expect(error).toBeInstanceOf(RangeError);
      expect(error.message).toMatch(
        /^expected memory or redis:\/\/HOST:PORT\/DATABASE, got (another URL|"[^\n]*")$/,
      );
      expect(error.message).not.toContain('secret');
    },
  );

  it('starts in memory if the Redis server cannot be reached', async () => {
    const store = await openSessionStore('redis://127.0.0.1:1');
    onTestFinished(() => store.close());
    expect(store.status).toMatchObject({
      state: 'unavailable',
      error: 'Redis: connect ECONNREFUSED 127.0.0.1:1',
    });
    expect((await store.append('ann', clickOf('a'))).session.clicks).toHaveLength(1);
  });
});
