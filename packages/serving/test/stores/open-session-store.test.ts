import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MemoryStore, openSessionStore, ResilientStore, type SessionStore } from '../../src/index.ts';
import { testFolder } from '../tiny-server.ts';
import { openDatabase } from './file-database.ts';
import { redisCommands, testRedis } from './redis.ts';

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
    onTestFinished(() => store.close(0));
    expect(store.status).toMatchObject({
      state: 'unavailable',
      error: 'Redis: connect ECONNREFUSED 127.0.0.1:1',
    });
    expect((await store.append('ann', click)).session.clicks).toHaveLength(1);
  });
});

/**
 * Clicks in 2,000 sessions beside a damaged one, and ends.
 * @returns how many of them are in the store when it is opened again.
 */
async function clickBesideDamage(open: () => Promise<SessionStore>): Promise<number> {
  const ids = Array.from({ length: 2000 }, (_, at) => String(at));
  const store = await open();
  for (const id of ['damaged', ...ids.slice(0, 100)]) await store.append(id, click);
  await Promise.all(ids.slice(100).map((id) => store.append(id, click)));
  expect(store.status).toMatchObject({ state: 'available', pendingSessions: 0, unreadableSessions: 1 });
  await store.close();
  expect(store.status?.lostSessions).toBe(0);
  const again = await open();
  onTestFinished(() => again.close());
  expect((await again.read('damaged'))?.clicks).toHaveLength(1);
  const sessions = await Promise.all(ids.map((id) => again.read(id)));
  return sessions.filter((session) => session?.clicks.length === 1).length;
}

describe('openSessionStore of a folder', () => {
  it('loses no session but the one whose value is damaged', async () => {
    const directory = testFolder();
    const { database, key } = openDatabase(directory);
    await database.put(key('damaged'), Buffer.from('x'), Date.now());
    const open = () => openSessionStore(`file:${directory}`, { sync: 'interval' });
    expect(await clickBesideDamage(open)).toBe(2000);
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

  it('loses no session but the one whose key is of another type', async () => {
    const url = server().url(4);
    await redisCommands(url, ['SET', 'gru4rec:session:damaged', 'x']);
    expect(await clickBesideDamage(() => openSessionStore(url))).toBe(2000);
  });
});
