import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheFolder } from '../../src/engines/cache-folder.ts';

describe('cacheFolder', () => {
  it.each([
    [{ GRU4REC_CACHE: '/cache', XDG_CACHE_HOME: '/xdg' }, resolve('/cache')],
    [{ GRU4REC_CACHE: 'cache', INIT_CWD: '/home/me' }, resolve('/home/me/cache')],
    [{ GRU4REC_CACHE: '', XDG_CACHE_HOME: '/xdg' }, join('/xdg', 'gru4rec')],
    [{}, join(homedir(), '.cache', 'gru4rec')],
  ])('for %j is %s', (environment, folder) => {
    expect(cacheFolder(environment)).toBe(folder);
  });
});
