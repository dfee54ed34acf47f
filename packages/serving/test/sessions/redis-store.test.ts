import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { FallbackStore, openSessionStore, RedisRefusal, RedisStore } from '../../src/index.ts';
import { redisCommands, testRedis } from './redis.ts';

const server = testRedis();
const click = { item: 'a', timeMs: 1 };

async function openStore(url: string): Promise<RedisStore> {
  const store = await RedisStore.open(url, { maxClicks: 50 });
  onTestFinished(() => store.close());
  return store;
}

describe('RedisStore', () => {
  it('is shared by several servers: clicks of all are kept, an event counts once', async () => {
    const stores = await Promise.all([0, 1, 2].map(() => openStore(server().url(1))));
    const appended = await Promise.all(
      Array.from({ length: 60 }, (_, at) =>
        (stores[at % 3] as RedisStore).append('ann', { ...click, eventId: String(at >> 1) }),
      ),
    );
    expect(appended.filter(({ repeated }) => repeated)).toHaveLength(30);
    const sessions = await Promise.all(stores.map((store) => store.read('ann')));
    expect(new Set(sessions[0]?.clicks.map(({ eventId }) => eventId)).size).toBe(30);
    expect(sessions[1]).toEqual(sessions[0]);
    expect(sessions[2]).toEqual(sessions[0]);
    await stores[0]?.delete('ann');
    expect(await stores[1]?.read('ann')).toBeUndefined();
  });

  it('keeps one key per session, which expires', async () => {
    const url = server().url(2);
    const store = await openStore(url);
    await store.append('ann', click);
    const [keys, ttl] = await redisCommands(url, ['KEYS', '*'], ['PTTL', 'gru4rec:session:ann']);
    expect(keys).toEqual(['gru4rec:session:ann']);
    expect(ttl).toBeGreaterThan(29 * 60_000);
    expect(ttl).toBeLessThanOrEqual(30 * 60_000);
    await store.delete('ann');
    expect(await redisCommands(url, ['KEYS', '*'])).toEqual([[]]);
  });

  it('remembers the last 20 distinct items of a visitor beyond the pause for all servers, until they are too old or forgotten', async () => {
    const open = async () => {
      const store = await RedisStore.open(server().url(3), { maxAgeMs: 50, rememberMs: 500 });
      onTestFinished(() => store.close());
      return store;
    };
    const [one, other] = await Promise.all([open(), open()]);
    for (const item of ['x', ...'abcdefghijklmnopqrst', 'a']) await one.append('ann', { item, timeMs: 1 });
    expect((await one.read('ann'))?.earlier).toBeUndefined();
    await setTimeout(60);
    const earlier = ['a', ...'tsrqponmlkjihgfedcb'];
    expect(await other.read('ann')).toEqual({ clicks: [], dropped: 0, earlier });
    for (const item of 'yz')
      expect((await other.append('ann', { item, timeMs: 2 })).session.earlier).toEqual(earlier);
    expect((await one.read('ann'))?.earlier).toEqual(earlier);
    expect(await one.delete('ann')).toBe(true);
    expect(await redisCommands(server().url(3), ['KEYS', '*'])).toEqual([[]]);
    await one.append('bob', click);
    await setTimeout(600);
    expect(await one.read('bob')).toBeUndefined();
  });

  it('goes on after the connection was closed', async () => {
    const store = await openStore(server().url());
    await store.append('cut', click);
    await redisCommands(server().url(), ['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']);
    await setTimeout(100);
    expect((await store.append('cut', click)).session.clicks).toHaveLength(2);
  });

  it.each([
    ['a text', 'SET', 'x'],
    ['no JSON', 'RPUSH', 'x'],
    ['no click', 'RPUSH', '[0,null]'],
    ['no number of clicks', 'RPUSH', '[1e999,{"item":"a","timeMs":1}]'],
    ['no time', 'RPUSH', '[0,{"item":"a","timeMs":1e999}]'],
    ['no text in a context', 'RPUSH', '[0,{"item":"a","timeMs":1,"context":{"device":5}}]'],
    ['no context', 'RPUSH', '[0,{"item":"a","timeMs":1,"context":"phone"}]'],
    ['damage before a click', 'RPUSH', '[0,', '[1,{"item":"a","timeMs":1}]'],
  ])('deletes a key that is %s, and starts the session empty', async (_, command, ...words) => {
    const url = server().url(4);
    const store = await openStore(url);
    for (const operation of ['append', 'read'] as const) {
      await redisCommands(url, ['FLUSHDB'], [command, 'gru4rec:session:ann', ...words]);
      // A click of another session is on the same connection.
      const [found, other] = await Promise.all([store[operation]('ann', click), store.append('bob', click)]);
      const anew = { clicks: [click], dropped: 0 };
      expect(found).toEqual(operation === 'read' ? undefined : { session: anew, repeated: false });
      expect(other.session).toEqual(anew);
    }
    expect(await redisCommands(url, ['KEYS', '*'])).toEqual([['gru4rec:session:bob']]);
  });

  it.each([
    ['is full', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
    ['is a read-only replica', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
  ])(
    'fails while the server %s, which reads on, unless nothing is to be written',
    async (_, refuse, takeAgain) => {
      const url = server().url(5);
      const inner = await openStore(url);
      const probe = vi.spyOn(inner, 'probe');
      const store = new FallbackStore(inner, {}, 5);
      const itemsOf = async () => (await store.read('ann'))?.clicks.map(({ item }) => item);
      onTestFinished(() => store.close());
      onTestFinished(async () => void (await redisCommands(url, takeAgain, ['FLUSHDB'])));
      await store.append('ann', click);
      await redisCommands(url, refuse);
      await store.append('ann', { ...click, item: 'b' });
      await expect.poll(() => probe.mock.settledResults.length).toBeGreaterThan(2);
      expect(await itemsOf()).toEqual(['a', 'b']);
      expect(store.status).toMatchObject({ state: 'unavailable' });
      for (const readOnly of [false, true]) {
        const opened = await openSessionStore(url, { readOnly });
        expect(opened.status?.state).toBe(readOnly ? 'available' : 'unavailable');
        await opened.close();
      }
      await redisCommands(url, takeAgain);
      await expect.poll(() => store.status.state).toBe('available');
      await store.append('ann', { ...click, item: 'c' });
      expect(await itemsOf()).toEqual(['a', 'c']);
    },
  );

  it.each([
    ['password', () => server().url(0, 'wrong'), /^Redis: WRONGPASS /],
    ['missing password', () => `redis://127.0.0.1:${server().port}`, /^Redis: NOAUTH /],
    ['database', () => server().url(9999), /^Redis: ERR DB index is out of range$/],
  ])('refuses a wrong %s in one line without the password', async (_, url, message) => {
    const error: Error = await openSessionStore(url()).then(
      () => new Error('It opened'),
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(RedisRefusal);
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/\n|wrong|p@ss/);
  });
});
