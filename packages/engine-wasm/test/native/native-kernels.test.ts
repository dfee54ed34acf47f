import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { tableFingerprint } from '@gru4rec/engine-wasm';
import { beforeEach, describe, expect, it } from 'vitest';
import { stampOf } from '../../scripts/native-build.mjs';
import { findNativeKernels, type NativePlaces } from '../../src/native/index.ts';

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

  /** Where a build would leave the addon, or other bytes. */
  function build(bytes: Uint8Array | string = readFileSync(path)): string {
    const file = join(places.build, platform, 'kernels.node');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
    writeFileSync(join(dirname(file), 'stamp.txt'), stampOf(file));
    return file;
  }

  /** Installs the prebuilt package. */
  function install(): string {
    const name = `@gru4rec/engine-wasm-${platform}`;
    const target = join(folder, 'node_modules', name);
    mkdirSync(target, { recursive: true });
    for (const file of ['kernels.node', 'stamp.txt'])
      copyFileSync(join(path, '..', file), join(target, file));
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
    const own = join(folder, 'packages', 'engine-wasm');
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

  it('does not load one with a flipped bit, which could end the process', () => {
    const file = build();
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill((bytes[9000] ?? 0) ^ 1, 9000, 9001));
    expect(findNativeKernels(undefined, places)).toMatchObject({
      reason: expect.stringMatching(
        /kernels\.node is damaged: expected SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}$/,
      ),
      lacksAddon: true,
    });
    rmSync(join(file, '..', 'stamp.txt'));
    expect(findNativeKernels(undefined, places)).toMatchObject({
      reason: expect.stringContaining('stamp.txt'),
    });
  });

  it('passes over one that was built for another version of the engine', (ctx) => {
    const bytes = readFileSync(path);
    const table = Buffer.from(Int32Array.of(tableFingerprint).buffer);
    if (!bytes.includes(table)) return ctx.skip('the processor has the number in two parts');
    bytes.writeInt32LE(7, bytes.indexOf(table));
    const other = build(bytes);
    expect(findNativeKernels(undefined, places)).toMatchObject({
      reason: `${other} was built for another version of the engine`,
      lacksAddon: true,
    });
    const prebuilt = install();
    expect(findNativeKernels(undefined, places).kernels?.path).toBe(prebuilt);
  });
});
