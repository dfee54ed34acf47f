import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheFolder, userDirectory, wantsStacks } from '../src/surroundings.ts';

describe('userDirectory', () => {
  it('is where pnpm was called, else the working directory', () => {
    expect(userDirectory({ INIT_CWD: '/home/me' })).toBe('/home/me');
    expect(userDirectory({ INIT_CWD: '' })).toBe(process.cwd());
  });
});

describe('wantsStacks', () => {
  it('is said by GRU4REC_DEBUG', () => {
    expect([{}, { GRU4REC_DEBUG: '0' }, { GRU4REC_DEBUG: '1' }].map((set) => wantsStacks(set))).toEqual([
      false,
      false,
      true,
    ]);
  });
});

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
