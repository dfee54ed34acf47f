import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testFolder } from '../../packages/test-support/src/folder.ts';
import { listPublicPackages, packPrebuilt, tarballName } from '../lib/pack.mjs';
import { repositoryRoot } from '../lib/repository.mjs';

const folder = testFolder();
const publicPackages = listPublicPackages();

const filesIn = (tarball: string): string[] =>
  execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n');
const manifestIn = (tarball: string) =>
  JSON.parse(execFileSync('tar', ['-xOzf', tarball, 'package/package.json'], { encoding: 'utf8' }));

// npm and pnpm pack nothing if the script prepack fails.
it.each(publicPackages)('$name builds itself before it is packed', ({ folder: own }) => {
  const { scripts } = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8'));
  const command = scripts.prepack === 'npm run --silent build' ? scripts.build : scripts.prepack;
  expect(command).toMatch(/^tsc -b\b/);
  const needsKernels = existsSync(join(own, 'wasm'));
  expect(scripts.prepack.includes('build-kernels.mjs')).toBe(needsKernels);
});

describe('packPrebuilt', () => {
  const kernels = publicPackages.find(({ name }) => name === '@gru4rec/engine-wasm')!;

  function prepare(version = kernels.version) {
    const root = join(folder, version);
    const [destination, prebuilt] = [join(root, 'out'), join(root, 'prebuilt')];
    mkdirSync(join(root, 'package'), { recursive: true });
    mkdirSync(destination);
    const manifest = { name: kernels.name, version: kernels.version, files: ['dist'] };
    writeFileSync(join(root, 'package', 'package.json'), JSON.stringify(manifest));
    execFileSync('tar', ['-czf', join(destination, tarballName(kernels)), '-C', root, 'package']);
    for (const platform of ['linux-x64', 'darwin-arm64']) {
      const one = join(prebuilt, `engine-wasm-${platform}`);
      mkdirSync(one, { recursive: true });
      const files = { main: 'kernels.node', files: ['kernels.node'] };
      const own = { name: `${kernels.name}-${platform}`, version, ...files };
      writeFileSync(join(one, 'package.json'), JSON.stringify(own));
      writeFileSync(join(one, 'kernels.node'), 'an addon');
    }
    return { destination, prebuilt };
  }

  it('packs every platform, and makes them optional dependencies of what is published', async () => {
    const { destination, prebuilt } = prepare();
    await packPrebuilt(destination, prebuilt);
    const { version } = kernels;
    expect(manifestIn(join(destination, tarballName(kernels)))).toMatchObject({
      name: kernels.name,
      optionalDependencies: {
        '@gru4rec/engine-wasm-darwin-arm64': version,
        '@gru4rec/engine-wasm-linux-x64': version,
      },
    });
    const own = tarballName({ name: '@gru4rec/engine-wasm-linux-x64', version });
    expect(filesIn(join(destination, own)).sort()).toEqual(['package/kernels.node', 'package/package.json']);
  });

  it('refuses packages of another version', async () => {
    const { destination, prebuilt } = prepare('9.9.9');
    await expect(packPrebuilt(destination, prebuilt)).rejects.toThrow(/got 9\.9\.9 of @gru4rec/);
  });
});

it('turbo.json has tasks that turbo can put in an order', () => {
  const words = ['scripts/turbo.mjs', 'run', 'build', '--dry=json'];
  const { status, stderr } = spawnSync(process.execPath, words, { cwd: repositoryRoot, encoding: 'utf8' });
  expect([stderr, status]).toEqual([expect.anything(), 0]);
});
