import { setTimeout } from 'node:timers/promises';
import { onTestFinished, vi } from 'vitest';
import { FileStore, MemoryStore, RedisStore, ResilientStore, type SessionStore } from '../../src/index.ts';
import { testFolder } from '../tiny-server.ts';
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

sessionStoreConformance('FileStore', (limits) => withFakeDate(() => FileStore.open(testFolder(), limits)));

sessionStoreConformance('FileStore that does not wait for the disk', (limits) =>
  withFakeDate(() => FileStore.open(testFolder(), { ...limits, sync: 'interval' })),
);

sessionStoreConformance('ResilientStore', (limits) =>
  withFakeDate(() => new ResilientStore(new MemoryStore(limits), limits)),
);

const server = testRedis();
const shiftExpiry = `
for _, key in ipairs(redis.call('KEYS', '*')) do
  redis.call('PEXPIRE', key, redis.call('PTTL', key) - ARGV[1])
end`;

sessionStoreConformance('RedisStore', async (limits) => {
  const store = await RedisStore.open(server().url(), limits);
  await redisCommands(server().url(), ['FLUSHDB']);
  onTestFinished(() => store.close());
  return {
    store,
    async advance(ms) {
      await redisCommands(server().url(), ['EVAL', shiftExpiry, '0', String(ms)]);
    },
  };
});
