import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MemoryStore, openSessionStore, ResilientStore } from '../../src/index.ts';
import { testFolder } from '../tiny-server.ts';
import { testRedis } from './redis.ts';

const click = { item: 'a', timeMs: 1 };

describe('openSessionStore', () => {
  it('opens memory, a folder below the given one, and nothing else by that name', async () => {
    expect(await openSessionStore('memory')).toBeInstanceOf(MemoryStore);
    const directory = testFolder();
    const first = await openSessionStore('file:sessions', { directory });
    expect(first).toBeInstanceOf(ResilientStore);
    await first.append('ann', click);
    await first.close();
    const second = await openSessionStore(`file:${join(directory, 'sessions')}`);
    onTestFinished(() => second.close());
    expect((await second.read('ann'))?.clicks).toHaveLength(1);
    expect(second.status?.state).toBe('available');
  });

  it.each([
    'disk',
    'file:',
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
      /^expected memory, file:FOLDER or redis:\/\/HOST:PORT\/DATABASE, got (another URL|"[^\n]*")$/,
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
