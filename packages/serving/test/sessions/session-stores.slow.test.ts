import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  type Appended,
  type Click,
  FallbackStore,
  MemoryStore,
  openSessionStore,
  RedisStore,
  type SessionLimits,
  type SessionStore,
  type StoredSession,
  type StoreStatus,
} from '../../src/index.ts';
import { clickOf } from '../clicks.ts';
import { redisCommands, testRedis } from './redis.ts';

/** A store under test, and its clock. */
interface TestedStore {
  readonly store: SessionStore;
  /** Lets time pass for the store. */
  advance(ms: number): Promise<void>;
}

const MAX_AGE_MS = 600_000;

/** What every `SessionStore` does. */
function sessionStoreConformance(
  name: string,
  open: (limits: Partial<SessionLimits>) => Promise<TestedStore>,
): void {
  describe(`${name} as a session store`, () => {
    it('does not take an item or the end of an id for an event id', async () => {
      const { store } = await open({});
      await store.append('ann', clickOf('x'));
      await store.append('ann', clickOf('y', 'a,"x'));
      await store.append('ann', clickOf('z', 'nullx'));
      for (const eventId of ['x', 'null', '', '"x', ',"x"]']) {
        expect(await store.append('ann', clickOf('w', eventId))).toMatchObject({ repeated: false });
      }
    });

    it('takes any ids', async () => {
      const { store } = await open({});
      const text = fc.string({ unit: 'binary', maxLength: 600 });
      await fc.assert(
        fc.asyncProperty(text, text, text, async (sessionId, item, eventId) => {
          await store.delete(sessionId);
          await store.append(sessionId, clickOf(item, eventId));
          expect(await store.read(sessionId)).toEqual({ clicks: [clickOf(item, eventId)], dropped: 0 });
          expect((await store.append(sessionId, clickOf(item, eventId))).repeated).toBe(true);
        }),
        { numRuns: 30 },
      );
    });

    it('equals a naive model, whatever happens', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 5 }),
          fc.array(step, { maxLength: 25 }),
          async (maxClicks, steps) => {
            const { store, advance } = await open({ maxClicks, maxAgeMs: MAX_AGE_MS });
            const model = new NaiveStore(maxClicks);
            for (const given of steps) {
              if (typeof given === 'number') {
                await advance(given);
                model.now += given;
              } else {
                // At the same time, so the order of the calls counts.
                const answers = given.map((change) => apply(store, change));
                const expected = given.map((change) => model.apply(change));
                expect(await Promise.all(answers)).toEqual(expected);
              }
              for (const sessionId of SESSIONS) {
                expect(await store.read(sessionId)).toEqual(model.read(sessionId));
              }
            }
            for (const sessionId of SESSIONS) await store.delete(sessionId);
          },
        ),
        { numRuns: 25 },
      );
    });
  });
}

const SESSIONS = ['ann', 'bob', ''];

interface Change {
  readonly sessionId: string;
  /** Without a click, the session is deleted. */
  readonly click?: Click | undefined;
}

const change: fc.Arbitrary<Change> = fc.record({
  sessionId: fc.constantFrom(...SESSIONS),
  click: fc.option(
    fc.record(
      { item: fc.constantFrom('a', 'b', 'c'), timeMs: fc.nat(), eventId: fc.constantFrom('1', '2', '3') },
      { requiredKeys: ['item', 'timeMs'] },
    ),
    { nil: undefined, freq: 8 },
  ),
});

/** Changes at the same time, or milliseconds that pass. */
const step = fc.oneof(
  { arbitrary: fc.array(change, { minLength: 1, maxLength: 6 }), weight: 4 },
  { arbitrary: fc.constantFrom(0.3 * MAX_AGE_MS, 0.45 * MAX_AGE_MS, 1.1 * MAX_AGE_MS), weight: 1 },
);

function apply(store: SessionStore, { sessionId, click: given }: Change): Promise<Appended | boolean> {
  return given ? store.append(sessionId, given) : store.delete(sessionId);
}

/** Sessions as the interface describes them. */
class NaiveStore {
  now = 0;
  readonly #maxClicks: number;
  readonly #sessions = new Map<string, { session: StoredSession; atMs: number; events: readonly string[] }>();

  constructor(maxClicks: number) {
    this.#maxClicks = maxClicks;
  }

  read(sessionId: string): StoredSession | undefined {
    const found = this.#sessions.get(sessionId);
    return found && this.now - found.atMs <= MAX_AGE_MS ? found.session : undefined;
  }

  apply({ sessionId, click: given }: Change): Appended | boolean {
    const before = this.read(sessionId);
    if (!given) return this.#sessions.delete(sessionId) && before !== undefined;
    const events = before ? (this.#sessions.get(sessionId)?.events ?? []) : [];
    const event = given.eventId === undefined ? [] : [`${given.eventId} ${given.item}`];
    if (before && events.includes(event[0] ?? '')) return { session: before, repeated: true };
    const all = [...(before?.clicks ?? []), given];
    const kept = all.slice(-this.#maxClicks);
    const session = { clicks: kept, dropped: (before?.dropped ?? 0) + all.length - kept.length };
    this.#sessions.set(sessionId, { session, atMs: this.now, events: [...events, ...event] });
    return { session, repeated: false };
  }
}

/** A store whose clock is that of this process. */
async function withFakeDate(open: () => SessionStore | Promise<SessionStore>): Promise<TestedStore> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  const store = await open();
  onTestFinished(async () => {
    vi.useRealTimers();
    await store.close();
  });
  return {
    store,
    async advance(ms) {
      vi.setSystemTime(Date.now() + ms);
      // The memory store reads the clock once per millisecond.
      await setTimeout(5);
    },
  };
}

sessionStoreConformance('MemoryStore', (limits) => withFakeDate(() => new MemoryStore(limits)));

sessionStoreConformance('FallbackStore', (limits) =>
  withFakeDate(() => new FallbackStore(new MemoryStore(limits), limits)),
);

const server = testRedis();
const shiftExpiry = `
for _, key in ipairs(redis.call('KEYS', '*')) do
  redis.call('PEXPIRE', key, redis.call('PTTL', key) - ARGV[1])
end`;

sessionStoreConformance('FallbackStore of Redis', async (limits) => {
  const { advance, store } = await withFakeDate(
    async () => new FallbackStore(await RedisStore.open(server().url(), limits), limits),
  );
  await redisCommands(server().url(), ['FLUSHDB']);
  return {
    store,
    async advance(ms) {
      await advance(ms);
      await redisCommands(server().url(), ['EVAL', shiftExpiry, '0', String(ms)]);
    },
  };
});

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
