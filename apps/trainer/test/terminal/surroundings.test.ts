import { describe, expect, it } from 'vitest';
import { programName, userDirectory, wantsStacks } from '../../src/terminal/surroundings.ts';

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

describe('programName', () => {
  const [root, own] = ['gru4rec-monorepo', '@gru4rec/trainer'];

  it.each([
    [{}, 'trainer'],
    [{ npm_lifecycle_event: 'test', npm_package_name: root }, 'trainer'],
    [
      { npm_lifecycle_event: 'start', npm_package_name: root, npm_config_user_agent: 'npm/10' },
      'npm start --',
    ],
    [
      { npm_lifecycle_event: 'start', npm_package_name: root, npm_config_user_agent: 'pnpm/10.34' },
      'pnpm start',
    ],
    [
      { npm_lifecycle_event: 'start', npm_package_name: own, npm_config_user_agent: 'pnpm/10.34' },
      'pnpm --silent --filter trainer start',
    ],
  ])('for %j is %s', (environment, name) => {
    expect(programName(environment, ['node', 'src/main.ts'])).toBe(name);
  });

  it('is the script where nothing else started it', () => {
    expect(programName({}, ['node', '/my shop/scripts/start.mjs'])).toBe("node '/my shop/scripts/start.mjs'");
    const foreign = { npm_lifecycle_event: 'start', npm_package_name: 'shop' };
    expect(programName(foreign, ['node', '/gru/scripts/start.mjs'])).toBe('node /gru/scripts/start.mjs');
  });
});
