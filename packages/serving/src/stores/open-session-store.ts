import { checkOptions } from '@gru4rec/checked-options';
import { limitChecks, type SessionLimits, type SessionStore } from '../session-store.ts';
import { FallbackStore } from './fallback-store.ts';
import { MemoryStore } from './memory-store.ts';
import { RedisStore } from './redis-store.ts';

/**
 * Opens a store by its name. The client of Redis is loaded if it is used.
 *
 * A Redis server that fails later, or cannot be reached, is replaced by memory until it works again.
 *
 * @param text - `memory`, or the URL of a Redis server, `redis://` or `rediss://` (TLS).
 * @throws RangeError if the text is none of these.
 * @throws Error in one line if Redis refuses the password or the database.
 */
export async function openSessionStore(
  text: string,
  limits: Partial<SessionLimits> = {},
): Promise<SessionStore> {
  checkOptions('openSessionStore', limits, limitChecks);
  if (text === 'memory') return new MemoryStore(limits);
  if (!isRedisUrl(text)) {
    const given = /^rediss?:/.test(text) ? 'another URL' : JSON.stringify(text);
    throw new RangeError(`expected memory or redis://HOST:PORT/DATABASE, got ${given}`);
  }
  const store = new FallbackStore(await RedisStore.open(text, limits), limits);
  // Finds out whether the store works.
  await store.read('');
  return store;
}

function isRedisUrl(text: string): boolean {
  if (!/^rediss?:\/\//.test(text) || !URL.canParse(text)) return false;
  const { hostname, pathname } = new URL(text);
  return hostname !== '' && /^\/?\d*$/.test(pathname);
}
