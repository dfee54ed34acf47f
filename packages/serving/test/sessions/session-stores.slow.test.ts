import { setTimeout } from 'node:timers/promises';
import { onTestFinished, vi } from 'vitest';
import { FallbackStore, MemoryStore, RedisStore, type SessionStore } from '../../src/index.ts';
import { redisCommands, testRedis } from './redis.ts';
import { sessionStoreConformance, type TestedStore } from './session-store-conformance.ts';

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
