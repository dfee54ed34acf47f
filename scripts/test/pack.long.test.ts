import { execFile, execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { currentSurroundings, pnpmCommand } from '../lib/commands.mjs';
import { listPublicPackages, packPrebuilt, tarballName } from '../lib/pack.mjs';
import { readPins, repositoryRoot } from '../lib/repository.mjs';

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gru4rec-pack-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const publicPackages = listPublicPackages();
const packageNamed = (wanted: string) => {
  const found = publicPackages.find(({ name }) => name === wanted);
  if (!found) throw new RangeError(`no package ${wanted}`);
  return found;
};

const filesIn = (tarball: string): string[] =>
  execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n');
const manifestIn = (tarball: string) =>
  JSON.parse(execFileSync('tar', ['-xOzf', tarball, 'package/package.json'], { encoding: 'utf8' }));

describe('a package without dist', () => {
  /** The workspace with one package, which has no dependencies and was never built. */
  function checkout(): string {
    const root = makeFolder();
    for (const name of ['package.json', 'pnpm-workspace.yaml', 'tsconfig.base.json', 'tsconfig.arrays.json'])
      cpSync(join(repositoryRoot, name), join(root, name));
    const filter = (path: string) => !/[\\/](dist|node_modules)$/.test(path);
    cpSync(packageNamed('@gru4rec/random').folder, join(root, 'packages', 'random'), {
      recursive: true,
      filter,
    });
    symlinkSync(join(repositoryRoot, 'node_modules'), join(root, 'node_modules'), 'junction');
    return root;
  }

  async function pack(root: string): Promise<{ failed: boolean; tarball: string }> {
    const { file, args } = pnpmCommand(readPins().pnpmVersion, currentSurroundings());
    const cwd = join(root, 'packages', 'random');
    const ended = promisify(execFile)(file, [...args, 'pack'], { cwd });
    const failed = await ended.then(
      () => false,
      () => true,
    );
    return { failed, tarball: join(cwd, tarballName(packageNamed('@gru4rec/random'))) };
  }

  it('is built when it is packed', async () => {
    const root = checkout();
    const { failed, tarball } = await pack(root);
    expect(failed).toBe(false);
    const files = filesIn(tarball);
    for (const name of ['dist/index.js', 'dist/index.d.ts', 'src/index.ts', 'README.md'])
      expect(files).toContain(`package/${name}`);
    expect(files.filter((name) => name.includes('tsbuildinfo') || name.includes('/test/'))).toEqual([]);
  });

  it('is not packed if it cannot be built', async () => {
    const root = checkout();
    writeFileSync(
      join(root, 'packages', 'random', 'src', 'index.ts'),
      'export const wrong: number = "text";\n',
    );
    const { failed, tarball } = await pack(root);
    expect(failed).toBe(true);
    expect(existsSync(tarball)).toBe(false);
  });

  it.each(publicPackages)('$name builds itself before it is packed', ({ folder }) => {
    const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const command = scripts.prepack === 'npm run --silent build' ? scripts.build : scripts.prepack;
    expect(command).toMatch(/^tsc -b\b/);
    const needsKernels = existsSync(join(folder, 'wasm'));
    expect(scripts.prepack.includes('build-kernels.mjs')).toBe(needsKernels);
  });
});

describe('packPrebuilt', () => {
  const kernels = packageNamed('@gru4rec/kernels-native');

  /** A folder with a tarball of kernels-native, and one with prebuilt packages. */
  function prepare(version = kernels.version) {
    const root = makeFolder();
    const [destination, prebuilt] = [join(root, 'out'), join(root, 'prebuilt')];
    mkdirSync(join(root, 'package'));
    mkdirSync(destination);
    const manifest = { name: kernels.name, version: kernels.version, files: ['dist'] };
    writeFileSync(join(root, 'package', 'package.json'), JSON.stringify(manifest));
    execFileSync('tar', ['-czf', join(destination, tarballName(kernels)), '-C', root, 'package']);
    for (const platform of ['linux-x64', 'darwin-arm64']) {
      const folder = join(prebuilt, `kernels-native-${platform}`);
      mkdirSync(folder, { recursive: true });
      const own = {
        name: `${kernels.name}-${platform}`,
        version,
        main: 'kernels.node',
        files: ['kernels.node'],
      };
      writeFileSync(join(folder, 'package.json'), JSON.stringify(own));
      writeFileSync(join(folder, 'kernels.node'), 'an addon');
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
        '@gru4rec/kernels-native-darwin-arm64': version,
        '@gru4rec/kernels-native-linux-x64': version,
      },
    });
    const own = tarballName({ name: '@gru4rec/kernels-native-linux-x64', version });
    expect(filesIn(join(destination, own)).sort()).toEqual(['package/kernels.node', 'package/package.json']);
  });

  it('refuses packages of another version', async () => {
    const { destination, prebuilt } = prepare('9.9.9');
    await expect(packPrebuilt(destination, prebuilt)).rejects.toThrow(/got 9\.9\.9 of @gru4rec/);
  });
});
