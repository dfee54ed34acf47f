import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { stampOf } from '../../scripts/native-build.mjs';
import { prebuiltManifest, prebuiltPlatforms, withPrebuilt } from '../../scripts/prebuilt-manifest.mjs';

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const script = fileURLToPath(new URL('../../scripts/prebuilt-packages.mjs', import.meta.url));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gru4rec-prebuilt-'));
  return () => rmSync(folder, { recursive: true });
});

/** What a build of a platform leaves. */
function build(platform: string, addon: string, stamp = stampOf(addon)): void {
  const target = join(folder, 'build', platform);
  mkdirSync(target, { recursive: true });
  copyFileSync(addon, join(target, 'kernels.node'));
  writeFileSync(join(target, 'stamp.txt'), stamp);
}

function prebuild(...options: string[]) {
  const args = [script, '--builds', join(folder, 'build'), '--output', join(folder, 'out'), ...options];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, stderr };
}

describe('prebuilt packages', () => {
  it('name the machines that they are for', () => {
    expect(prebuiltManifest('linux-arm64-musl', manifest)).toMatchObject({
      name: '@gru4rec/engine-wasm-linux-arm64-musl',
      version: manifest.version,
      os: ['linux'],
      cpu: ['arm64'],
      libc: ['musl'],
    });
    expect(prebuiltManifest('darwin-arm64', manifest)).not.toHaveProperty('libc');
    expect(() => prebuiltManifest('linux-ppc64', manifest)).toThrow('expected a platform, got linux-ppc64');
  });

  it('are optional dependencies of a release, in its version, and of no checkout', () => {
    expect(withPrebuilt({ ...manifest, version: '3.2.1' }, ['linux-x64']).optionalDependencies).toEqual({
      '@gru4rec/engine-wasm-linux-x64': '3.2.1',
    });
    expect(manifest).not.toHaveProperty('optionalDependencies');
  });

  it('are written for every platform', () => {
    for (const platform of Object.keys(prebuiltPlatforms)) build(platform, script);
    expect(prebuild()).toEqual({ status: 0, stderr: '' });
    expect(readdirSync(join(folder, 'out'))).toHaveLength(Object.keys(prebuiltPlatforms).length);
    expect(readdirSync(join(folder, 'out', 'engine-wasm-darwin-arm64')).sort()).toEqual([
      'LICENSE',
      'README.md',
      'kernels.node',
      'package.json',
      'stamp.txt',
    ]);
  });

  it.each([
    ['missing', () => {}],
    ['compiled from other sources', () => build('linux-x64', script, 'other')],
    ['damaged', () => build('linux-x64', script, stampOf(fileURLToPath(import.meta.url)))],
  ])('are not written from an addon that is %s', (_, prepare) => {
    prepare();
    expect(prebuild('--platform', 'linux-x64')).toEqual({
      status: 1,
      stderr: `${join(folder, 'build/linux-x64/kernels.node')} is missing, damaged, or was compiled from other sources\n`,
    });
    expect(existsSync(join(folder, 'out'))).toBe(false);
  });
});
