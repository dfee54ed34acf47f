import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { alteredJson } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { findRuntimes } from '../src/find-runtimes.ts';
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
      writeRuntime(cache, { gpu: true, version: '2.12.0' }),
      writeRuntime(cache, { source: 'official', version: '2.9.1' }),
      writeRuntime(cache, { version: '2.8.4' }),
    ];
    rmSync(join(writeRuntime(cache, { version: '2.20.0' }), '..', '..', '..', 'runtime.json'));
    mkdirSync(join(cache, '.tensorflow-wheel-cpu-2.15.1-linux-x64.work-aaaaaa'));
    mkdirSync(join(cache, 'other'));
    const deep = join(project, 'src', 'deep');
    mkdirSync(deep, { recursive: true });
    const found = findRuntimes({ folder: cache, resolveFrom: deep });
    const whole = found.slice(0, -1);
    expect(whole.map(({ directory }) => directory)).toEqual(directories);
    expect(whole.map(({ gpu }) => gpu)).toEqual([false, true, true, false, true, false, false]);
    expect(whole.map(({ origin }) => origin === 'project')).toEqual([true, true, ...Array(5).fill(false)]);
    expect(found[1]).toMatchObject({ packageName: gpuPackage, version: '4.22.0' });
    expect(found[3]).toMatchObject({ tensorflowVersion: '2.15.1', version: '4.22.0' });
    expect(whole.every(({ problem }) => problem === undefined)).toBe(true);
    expect(found.at(-1)).toMatchObject({
      version: 'unknown',
      problem: expect.stringContaining('is incomplete'),
    });
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

  it.each([
    ['has no manifest', (folder: string) => rmSync(join(folder, 'runtime.json')), 'is incomplete: ENOENT'],
    [
      'has the manifest of another version',
      (folder: string) => writeFileSync(join(folder, 'runtime.json'), '{"formatVersion": 9}'),
      'is incomplete: runtime.json "format" expected "gru4rec-tensorflow-runtime", got nothing',
    ],
    [
      'has a manifest of null',
      (folder: string) => writeFileSync(join(folder, 'runtime.json'), 'null'),
      'is incomplete: runtime.json expected an object, got null',
    ],
    [
      'has no JSON for a manifest',
      (folder: string) => writeFileSync(join(folder, 'runtime.json'), '{"format":\n'),
      'is incomplete: runtime.json is not JSON',
    ],
    [
      'has a folder for a manifest',
      (folder: string) => {
        rmSync(join(folder, 'runtime.json'));
        mkdirSync(join(folder, 'runtime.json'));
      },
      'is incomplete: runtime.json is not a file',
    ],
    [
      'has a manifest of 2 MiB',
      (folder: string) => writeFileSync(join(folder, 'runtime.json'), ' '.repeat(2 << 20)),
      'is incomplete: runtime.json expected at most 1 MiB, got 2097152 bytes',
    ],
    [
      'names a package outside its folder',
      (folder: string) => {
        const file = join(folder, 'runtime.json');
        writeFileSync(file, readFileSync(file, 'utf8').replace('@tensorflow/tfjs-node', '../../elsewhere'));
      },
      'is incomplete: runtime.json "packageName" expected the name of an npm package, got "../../elsewhere"',
    ],
    [
      'has lost its package',
      (folder: string) => rmSync(join(folder, 'node_modules'), { recursive: true }),
      'is missing',
    ],
  ])('says what is wrong with a runtime that %s', (_name, damage, problem) => {
    const cache = makeFolder();
    damage(join(writeRuntime(cache), '..', '..', '..'));
    expect(findRuntimes({ folder: cache })).toEqual([
      expect.objectContaining({ problem: expect.stringContaining(problem), gpu: false }),
    ]);
  });

  it('reads a valid manifest, or says what is wrong with it', () => {
    const cache = makeFolder();
    const file = join(writeRuntime(cache), '..', '..', '..', 'runtime.json');
    const cases = [...alteredJson(JSON.parse(readFileSync(file, 'utf8')))];
    for (const { label, value } of cases) {
      writeFileSync(file, JSON.stringify(value));
      const [found] = findRuntimes({ folder: cache });
      const { problem = '', version, packageName } = found ?? {};
      expect([label, typeof version, typeof packageName]).toEqual([label, 'string', 'string']);
      expect(problem).not.toMatch(/\n|undefined|\[object|Cannot|is not a function/);
      expect(problem.length).toBeLessThan(cache.length + 400);
    }
    expect(cases.length).toBeGreaterThan(100);
  });

  it.each(['null', '[]', '{"version": {}}'])('reads no version from a package.json of %s', (text) => {
    const project = makeFolder();
    writeFileSync(join(writePackage(project), 'package.json'), text);
    const [found] = findRuntimes({ resolveFrom: project });
    expect(found).toMatchObject({ version: 'unknown', problem: expect.stringContaining('cannot be read') });
    expect(found?.problem).toMatch(/package\.json ("version" )?expected (an object|a string), got/);
  });

  it('reads the device of a runtime without a manifest from the name of its folder, not from the path', () => {
    const cache = join(makeFolder(), 'the-gpu-box');
    for (const gpu of [true, false]) {
      rmSync(join(writeRuntime(cache, { gpu }), '..', '..', '..', 'runtime.json'));
    }
    expect(findRuntimes({ folder: cache }).map(({ gpu }) => gpu)).toEqual([true, false]);
  });

  it('says that a runtime was built for another platform', () => {
    const cache = makeFolder();
    writeRuntime(cache, { platform: 'plan9-mips' });
    const problem = `it was built for plan9-mips, but this is ${process.platform}-${process.arch}`;
    expect(findRuntimes({ folder: cache })).toEqual([expect.objectContaining({ problem })]);
  });

  it('says that an installed package cannot be read', () => {
    const project = makeFolder();
    writeFileSync(join(writePackage(project), 'package.json'), '{');
    const [found] = findRuntimes({ resolveFrom: project });
    expect(found).toMatchObject({ version: 'unknown', problem: expect.stringContaining('cannot be read') });
  });
});
