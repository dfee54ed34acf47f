import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { findNativeKernels, type NativePlaces } from '../src/index.ts';

const own = findNativeKernels();
let folder: string;
let places: NativePlaces;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gru4rec-find-native-'));
  places = { build: join(folder, 'build'), own: folder };
  return () => rmSync(folder, { recursive: true });
});

it('reports that nothing was built or installed', () => {
  expect(findNativeKernels(undefined, places)).toEqual({
    kernels: undefined,
    reason: 'they have not been built on this machine',
    lacksAddon: true,
  });
});

describe.skipIf(own.kernels === undefined)('with an addon', () => {
  const { path = '' } = own.kernels ?? {};
  const platform = basename(dirname(path));

  /** Where a build would leave the addon; with a text, a file that is no addon. */
  function build(text?: string): string {
    const file = join(places.build, platform, 'kernels.node');
    mkdirSync(dirname(file), { recursive: true });
    if (text === undefined) copyFileSync(path, file);
    else writeFileSync(file, text);
    return file;
  }

  /** Installs the prebuilt package. */
  function install(): string {
    const name = `@gru4rec/kernels-native-${platform}`;
    const target = join(folder, 'node_modules', name);
    mkdirSync(target, { recursive: true });
    copyFileSync(path, join(target, 'kernels.node'));
    writeFileSync(join(target, 'package.json'), JSON.stringify({ name, version: '1.0.0' }));
    return join(target, 'kernels.node');
  }

  it('takes that of the prebuilt package', () => {
    const prebuilt = install();
    expect(findNativeKernels(undefined, places)).toEqual({
      ...own,
      kernels: { ...own.kernels, path: prebuilt },
    });
  });

  it('takes none of a folder above, of which the package is no part', () => {
    install();
    const own = join(folder, 'packages', 'kernels-native');
    mkdirSync(own, { recursive: true });
    expect(findNativeKernels(undefined, { ...places, own }).kernels).toBeUndefined();
  });

  it.skipIf(process.platform === 'win32')('refuses one that every user can change', () => {
    const prebuilt = install();
    chmodSync(dirname(prebuilt), 0o777);
    expect(findNativeKernels(undefined, places)).toMatchObject({
      kernels: undefined,
      reason: `${prebuilt} is not loaded: every user can write ${dirname(prebuilt)}; chmod o-w prevents that`,
    });
  });

  it('prefers locally compiled kernels', () => {
    install();
    const built = build();
    expect(findNativeKernels(undefined, places).kernels?.path).toBe(built);
  });

  it('passes over one that cannot be loaded, and reports it if there is no other', () => {
    const broken = build('no addon');
    expect(findNativeKernels(undefined, places)).toMatchObject({
      reason: expect.stringContaining(`${broken} cannot be loaded: `),
      lacksAddon: true,
    });
    const prebuilt = install();
    expect(findNativeKernels(undefined, places).kernels?.path).toBe(prebuilt);
  });

  it('passes over one that was built for another version of the engine', () => {
    // Node loads a folder as it loads a file.
    const other = join(places.build, platform, 'kernels.node');
    mkdirSync(other, { recursive: true });
    writeFileSync(join(other, 'index.js'), 'module.exports = { table: 7, instructionSets: ["avx2"] };');
    expect(findNativeKernels(undefined, places)).toMatchObject({
      reason: `${other} was built for another version of the engine`,
      lacksAddon: true,
    });
    const prebuilt = install();
    expect(findNativeKernels(undefined, places).kernels?.path).toBe(prebuilt);
  });
});
