import { join, resolve } from 'node:path';

/** What the cache folder depends on, as the app knows it. */
export interface CacheEnvironment {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Home of the user. */
  readonly home: string;
  /** Folder that a relative `GRU4REC_CACHE` starts from. */
  readonly directory: string;
}

/** Folder for what is set up once and used by every run: `GRU4REC_CACHE`, else `gru4rec` in the user's cache. */
export function cacheFolder({ environment, home, directory }: CacheEnvironment): string {
  const { GRU4REC_CACHE, XDG_CACHE_HOME } = environment;
  if (GRU4REC_CACHE) return resolve(directory, GRU4REC_CACHE);
  return join(XDG_CACHE_HOME || join(home, '.cache'), 'gru4rec');
}
