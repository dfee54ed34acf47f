import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openSessionStore, RedisStore, type SessionStore, type StoreStatus } from '../../src/index.ts';
import { testRedis } from './redis.ts';

const server = testRedis();

/** Clicks in new sessions until it is stopped. @returns the clicks per session. */
function clickOn(store: SessionStore, prefix: string) {
  const clicks: Record<string, string[]> = {};
  const slowest = { ms: 0 };
  let isStopped = false;
  const loops = Array.from({ length: 8 }, async (_, at) => {
    const id = `${prefix}${at}`;
    const items: string[] = [];
    clicks[id] = items;
    while (!isStopped) {
      const item = String(items.length);
      const start = performance.now();
      const { session } = await store.append(id, { item, timeMs: 1 });
      slowest.ms = Math.max(slowest.ms, performance.now() - start);
      items.push(item);
      expect(session.clicks.at(-1)?.item).toBe(item);
      await setTimeout(100 * Math.random());
    }
  });
  async function stop() {
    isStopped = true;
    await Promise.all(loops);
  }
  onTestFinished(stop);
  return { clicks, slowest, stop };
}

async function open(database: number) {
  const statuses: StoreStatus[] = [];
  const store = await openSessionStore(server().url(database), { maxClicks: 100_000 });
  store.watch?.((status) => statuses.push(status));
  onTestFinished(() => store.close());
  return { store, statuses };
}

async function storedItems(database: number, ids: readonly string[]): Promise<Record<string, string[]>> {
  const store = await RedisStore.open(server().url(database), { maxClicks: 100_000 });
  try {
    const sessions = await Promise.all(ids.map((id) => store.read(id)));
    return Object.fromEntries(ids.map((id, at) => [id, sessions[at]?.clicks.map(({ item }) => item) ?? []]));
  } finally {
    await store.close();
  }
}

describe('sessions in a Redis server', () => {
  it('go on in memory while the server is stopped, and then repeat no click and lose none of other times', async () => {
    const { store, statuses } = await open(1);
    const clicking = clickOn(store, 's');
    for (let round = 0; round < 3; round++) {
      await setTimeout(300);
      await server().stop();
      await vi.waitFor(() => expect(store.status?.state).toBe('unavailable'), 5000);
      await setTimeout(300);
      await server().run();
      await vi.waitFor(() => expect(store.status?.state).toBe('available'), 60_000);
    }
    await clicking.stop();
    const stored = await storedItems(1, Object.keys(clicking.clicks));
    for (const [id, clicks] of Object.entries(clicking.clicks)) {
      const has = new Set(stored[id]);
      expect(stored[id]).toEqual(clicks.filter((item) => has.has(item)));
      expect(has.size).toBeGreaterThan(4);
    }
    expect(statuses.map(({ state }) => state)).toEqual(Array(3).fill(['unavailable', 'available']).flat());
  });

  it('are in memory while the server does not answer: a click waits for a second, later ones do not', async () => {
    const { store } = await open(2);
    const group = -(server().pid as number);
    const clicking = clickOn(store, 't');
    await setTimeout(200);
    process.kill(group, 'SIGSTOP');
    onTestFinished(() => void process.kill(group, 'SIGCONT'));
    await vi.waitFor(() => expect(store.status?.state).toBe('unavailable'), 5000);
    expect(store.status?.error).toBe('Redis: no answer within 1000 ms');
    const before = performance.now();
    for (let at = 0; at < 100; at++) await store.append('other', { item: String(at), timeMs: 1 });
    expect(performance.now() - before).toBeLessThan(900);
    await setTimeout(1500);
    process.kill(group, 'SIGCONT');
    await vi.waitFor(() => expect(store.status?.state).toBe('available'), 60_000);
    await clicking.stop();
    expect(clicking.slowest.ms).toBeGreaterThan(900);
  });
});
