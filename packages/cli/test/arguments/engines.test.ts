import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { answering, installFake } from '@gru4rec/test-support';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { cacheFolder, chooseEngineName } from '../../src/arguments/engines.ts';
import { makeFolder } from '../run-trainer.ts';

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

describe('chooseEngineName', () => {
  it('loads no runtime of a folder that does not depend on gru4rec, unless GRU4REC_RUNTIME names it', () => {
    const project = makeFolder();
    onTestFinished(() => void vi.unstubAllEnvs());
    const mark = `require('fs').writeFileSync(__dirname + '/loaded', '');`;
    const directory = installFake(project, '@tensorflow/tfjs-node-gpu', mark + answering(true));
    writeFileSync(join(project, 'package.json'), '{"dependencies": {"express": "*"}}');
    const deep = join(project, 'data', 'raw');
    mkdirSync(deep, { recursive: true });
    vi.stubEnv('INIT_CWD', deep);
    expect(chooseEngineName('auto')).toBe('wasm');
    expect(existsSync(join(directory, 'loaded'))).toBe(false);
    vi.stubEnv('GRU4REC_RUNTIME', '../..');
    expect(chooseEngineName('auto')).toBe('cuda');
  });
});
