import { resolve } from 'node:path';
import { checkOptions, type OptionChecks, text } from '@gru4rec/checked-options';
import type { SessionLimits, SessionStore } from '../session-store.ts';
import { FileStore, type FileStoreOptions, storeChecks } from './file-store.ts';
import { MemoryStore } from './memory-store.ts';
import { RedisStore } from './redis-store.ts';
import { ResilientStore } from './resilient-store.ts';

/** Limits of the sessions, and how they are stored. */
export interface SessionStoreOptions extends FileStoreOptions {
  /** Folder that a relative one is below (the working directory). */
  readonly directory?: string;
}

const checks: OptionChecks<SessionStoreOptions> = { ...storeChecks, directory: text };

/**
 * Opens a store by its name. LMDB and the client of Redis are loaded if they are used.
 *
 * A store that fails later is replaced by memory until it works again, and so is a Redis server that cannot be reached.
 *
 * @param text - `memory`, `file:FOLDER`, or the URL of a Redis server, `redis://` or `rediss://` (TLS).
 * @throws RangeError if the text is none of these.
 * @throws Error in one line if the folder cannot be used, or Redis refuses the password or the database.
 */
export async function openSessionStore(
  text: string,
  options: SessionStoreOptions = {},
): Promise<SessionStore> {
  checkOptions('openSessionStore', options, checks);
  const { directory = '.', sync = 'always', ...limits } = options;
  if (text === 'memory') return new MemoryStore(limits);
  const store = await openDurable(text, directory, { sync, ...limits });
  const resilient = new ResilientStore(store, limits);
  // Finds out whether the store works.
  await resilient.read('');
  return resilient;
}

async function openDurable(
  text: string,
  directory: string,
  { sync, ...limits }: Required<Pick<FileStoreOptions, 'sync'>> & Partial<SessionLimits>,
): Promise<SessionStore> {
  const folder = /^file:(.+)$/s.exec(text)?.[1];
  if (folder !== undefined) return FileStore.open(resolve(directory, folder), { sync, ...limits });
  if (isRedisUrl(text)) return RedisStore.open(text, limits);
  const given = /^rediss?:/.test(text) ? 'another URL' : JSON.stringify(text);
  throw new RangeError(`expected memory, file:FOLDER or redis://HOST:PORT/DATABASE, got ${given}`);
}

function isRedisUrl(text: string): boolean {
  if (!/^rediss?:\/\//.test(text) || !URL.canParse(text)) return false;
  const { hostname, pathname } = new URL(text);
  return hostname !== '' && /^\/?\d*$/.test(pathname);
}
