import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandLine, programName, userDirectory, wantsStacks } from '../../src/terminal/invocation.ts';

describe('commandLine', () => {
  it('quotes only words that a shell would change', () => {
    expect(commandLine(['compare', 'data', '--seeds', '1', '2'])).toBe('trainer compare data --seeds 1 2');
    expect(commandLine(['--models', 's-knn:{"neighbours":200}'])).toBe(
      `trainer --models 's-knn:{"neighbours":200}'`,
    );
    expect(commandLine(["it's", ''])).toBe(`trainer 'it'\\''s' ''`);
  });

  it.skipIf(process.platform === 'win32')('gives the same words in a shell', () => {
    const word = fc.string({ maxLength: 12 }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 4 }), (words) => {
        const script = `trainer() { for word; do printf '%s\\0' "$word"; done; }; ${commandLine(words)}`;
        const printed = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' });
        expect(printed.split('\0').slice(0, -1)).toEqual(words);
      }),
      { seed: 1, numRuns: 30 },
    );
  });
});

describe('userDirectory', () => {
  it('is the folder where pnpm was called, else the working directory', () => {
    expect(userDirectory({ INIT_CWD: '/home/me' })).toBe('/home/me');
    expect(userDirectory({ INIT_CWD: '' })).toBe(process.cwd());
  });

  it('is the working directory for the installed gru4rec, as for any program in a script of a package', () => {
    const script = '/my/shop/node_modules/.bin/gru4rec';
    expect(userDirectory({ INIT_CWD: '/my/shop/src' }, ['node', script])).toBe(process.cwd());
  });
});

describe('wantsStacks', () => {
  it('is set by GRU4REC_DEBUG', () => {
    const environments = [{}, { GRU4REC_DEBUG: '0' }, { GRU4REC_DEBUG: '1' }];
    expect(environments.map((set) => wantsStacks(set))).toEqual([false, false, true]);
  });
});

describe('programName', () => {
  const start = { npm_lifecycle_event: 'start', npm_package_name: 'gru4rec-monorepo' };
  const own = { ...start, npm_package_name: '@gru4rec/trainer' };

  it.each([
    [{}, 'trainer'],
    [{ ...start, npm_lifecycle_event: 'test' }, 'trainer'],
    [{ ...start, npm_config_user_agent: 'npm/10' }, 'npm start --'],
    [{ ...start, npm_config_user_agent: 'pnpm/10.34' }, 'pnpm start'],
    [{ ...own, npm_config_user_agent: 'pnpm/10.34' }, 'pnpm --silent --filter trainer start'],
  ])('for %j is %s', (environment, name) => {
    expect(programName(environment, ['node', 'src/main.ts'])).toBe(name);
  });

  it.each([
    ['/shop/node_modules/.bin/gru4rec', {}, 'gru4rec'],
    ['/shop/node_modules/.pnpm/gru4rec@0.2.0/node_modules/gru4rec/dist/gru4rec.js', {}, 'gru4rec'],
    ['C:\\shop\\node_modules\\gru4rec\\dist\\gru4rec.js', {}, 'gru4rec'],
    ['/shop/node_modules/.bin/gru4rec', { npm_lifecycle_event: 'npx' }, 'npx gru4rec'],
    ['/shop/node_modules/.bin/gru4rec', start, 'gru4rec'],
    ['/home/gru4rec/dist/main.js', {}, 'trainer'],
  ])('for %s and %j is %s', (script, environment, name) => {
    expect(programName(environment, ['node', script])).toBe(name);
  });

  it('is the script if nothing else started it', () => {
    expect(programName({}, ['node', '/my shop/scripts/start.mjs'])).toBe("node '/my shop/scripts/start.mjs'");
    const foreign = { ...start, npm_package_name: 'shop' };
    expect(programName(foreign, ['node', '/gru/scripts/start.mjs'])).toBe('node /gru/scripts/start.mjs');
  });
});
