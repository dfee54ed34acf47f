import { join, resolve } from 'node:path';

/** What determines the cache folder. Packages do not read the environment themselves. */
export interface CacheEnvironment {
  /** Variables by name, as in `process.env`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The user's home folder. */
  readonly home: string;
  /** Folder that a relative `GRU4REC_CACHE` is relative to. */
  readonly directory: string;
}

/** Folder of the runtimes that are set up: `GRU4REC_CACHE` if it is set, otherwise `gru4rec` in the user's cache. */
export function cacheFolder(surroundings: CacheEnvironment): string {
  const { environment, home, directory } = surroundings;
  const { GRU4REC_CACHE, XDG_CACHE_HOME } = environment;
  if (GRU4REC_CACHE) return resolve(directory, GRU4REC_CACHE);
  return join(XDG_CACHE_HOME || join(home, '.cache'), 'gru4rec');
}
