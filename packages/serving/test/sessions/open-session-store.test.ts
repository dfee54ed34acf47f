import { describe, expect, it, onTestFinished } from 'vitest';
import { MemoryStore, openSessionStore } from '../../src/index.ts';
import { testRedis } from './redis.ts';

const click = { item: 'a', timeMs: 1 };

describe('openSessionStore', () => {
  it('opens memory', async () => {
    expect(await openSessionStore('memory')).toBeInstanceOf(MemoryStore);
  });

  it.each([
    'disk',
    'file:sessions',
    'redis:host',
    'redis://',
    'redis://user:secret@host/name',
    'rediss://user:secret@host:port',
    'Memory',
    '',
  ])('refuses %j in one line, without the password', async (text) => {
    const error: Error = await openSessionStore(text).then(
      () => new Error('It opened'),
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toMatch(
      /^expected memory or redis:\/\/HOST:PORT\/DATABASE, got (another URL|"[^\n]*")$/,
    );
    expect(error.message).not.toContain('secret');
  });

  it('starts in memory if the Redis server cannot be reached', async () => {
    const store = await openSessionStore('redis://127.0.0.1:1');
    onTestFinished(() => store.close());
    expect(store.status).toMatchObject({
      state: 'unavailable',
      error: 'Redis: connect ECONNREFUSED 127.0.0.1:1',
    });
    expect((await store.append('ann', click)).session.clicks).toHaveLength(1);
  });
});

describe('openSessionStore of Redis', () => {
  const server = testRedis();

  it('opens a database, and refuses a wrong password', async () => {
    const store = await openSessionStore(server().url(3));
    onTestFinished(() => store.close());
    await store.append('ann', click);
    expect(store.status?.state).toBe('available');
    await expect(openSessionStore(server().url(3, 'wrong'))).rejects.toThrow(/^Redis: WRONGPASS [^\n]+$/);
  });
});
