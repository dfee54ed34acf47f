import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findRuntimes } from '../../src/runtime/find-runtimes.ts';
import { makeFolder, writePackage, writeRuntime } from './fake-runtime.ts';

describe('findRuntimes', () => {
  it('finds nothing in empty and missing folders', () => {
    expect(findRuntimes({})).toEqual([]);
    expect(findRuntimes({ folder: join(makeFolder(), 'none'), resolveFrom: makeFolder() })).toEqual([]);
  });

  it('lists installed runtimes before those that are set up, the newest first', () => {
    const [project, cache] = [makeFolder(), makeFolder()];
    const gpuPackage = '@tensorflow/tfjs-node-gpu';
    const directories = [
      writePackage(project),
      writePackage(project, { name: gpuPackage }),
      writeRuntime(cache, { gpu: true, version: '2.16.1' }),
      writeRuntime(cache, { version: '2.15.1' }),
      writeRuntime(cache, { gpu: true, version: '2.9.0' }),
      writeRuntime(cache, { version: '2.8.4' }),
    ];
    mkdirSync(join(cache, '.tensorflow-wheel-cpu-2.15.1-linux-x64.work-aaaaaa'));
    mkdirSync(join(cache, 'other'));
    const deep = join(project, 'src', 'deep');
    mkdirSync(deep, { recursive: true });
    const found = findRuntimes({ folder: cache, resolveFrom: deep });
    expect(found.map(({ directory }) => directory)).toEqual(directories);
    expect(found.map(({ gpu }) => gpu)).toEqual([false, true, true, false, true, false]);
    expect(found.map(({ origin }) => origin === 'project')).toEqual([true, true, ...Array(4).fill(false)]);
    expect(found[1]).toMatchObject({ packageName: gpuPackage, version: '4.22.0' });
    expect(found[3]).toMatchObject({ tensorflowVersion: '2.15.1', version: '4.22.0' });
    expect(found.every(({ problem }) => problem === undefined)).toBe(true);
  });

  it('finds nothing that a folder above has, unless its package.json depends on gru4rec or it is named', () => {
    const project = makeFolder();
    const directory = writePackage(project);
    const deep = join(project, 'node_modules', 'other');
    mkdirSync(deep);
    writeFileSync(join(deep, 'package.json'), '{"dependencies": {"gru": "*"}}');
    const found = expect.objectContaining({ directory, version: '4.22.0' });
    for (const key of ['dependencies', 'devDependencies', 'optionalDependencies']) {
      writeFileSync(join(project, 'package.json'), `{"${key}": {"@gru4rec/cli": "*"}}`);
      expect(findRuntimes({ resolveFrom: deep })).toEqual([found]);
    }
    for (const text of ['{', '[]', '{"name": "gru4rec"}', '{"dependencies": {"gru4rec-theme": "*"}}']) {
      writeFileSync(join(project, 'package.json'), text);
      expect(findRuntimes({ resolveFrom: deep })).toEqual([]);
      expect(findRuntimes({ resolveFrom: deep, installedIn: project })).toEqual([found]);
    }
  });

  it.skipIf(process.platform === 'win32')('refuses what every user can change', () => {
    const [project, cache] = [makeFolder(), makeFolder()];
    const scope = dirname(writePackage(project));
    writeRuntime(cache);
    chmodSync(scope, 0o777);
    chmodSync(cache, 0o777);
    const problems = findRuntimes({ resolveFrom: project, folder: cache }).map(({ problem }) => problem);
    expect(problems).toEqual([
      `every user can write ${scope}; chmod o-w prevents that`,
      `every user can write ${cache}; chmod o-w prevents that`,
    ]);
  });

  it.each(['null', '[]', '{', '{"version": {}}', undefined])(
    'says that a package.json of %s cannot be read',
    (text) => {
      const cache = join(makeFolder(), 'the-gpu-box');
      const file = join(writeRuntime(cache), 'package.json');
      if (text === undefined) rmSync(file);
      else writeFileSync(file, text);
      const problem = 'its package.json cannot be read';
      const [found, ...others] = findRuntimes({ folder: cache });
      expect(found).toMatchObject({ version: 'unknown', gpu: false, problem });
      expect(others).toEqual([]);
    },
  );

  it('says that a runtime was built for another platform', () => {
    const cache = makeFolder();
    writeRuntime(cache, { platform: 'plan9-mips' });
    const problem = `it was built for plan9-mips, but this is ${process.platform}-${process.arch}`;
    expect(findRuntimes({ folder: cache })).toEqual([expect.objectContaining({ problem })]);
  });
});
