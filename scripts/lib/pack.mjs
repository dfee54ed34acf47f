import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { withPrebuilt } from '../../packages/engine-wasm/scripts/prebuilt-manifest.mjs';
import { npmToolCommand, pnpmCommand } from './commands.mjs';
import { readManifest, repositoryRoot } from './repository.mjs';

const MOST_OUTPUT = 64 * 1024 ** 2;

/**
 * The packages of the workspace that are published.
 *
 * @returns {{ name: string, version: string, folder: string }[]}
 */
export function listPublicPackages() {
  return ['apps', 'packages']
    .map((area) => join(repositoryRoot, area))
    .flatMap((area) => readdirSync(area).map((name) => join(area, name)))
    .map((folder) => ({ folder, manifest: readManifest(folder) }))
    .filter(({ manifest }) => manifest.private !== true)
    .map(({ folder, manifest: { name, version } }) => ({ name, version, folder }));
}

/**
 * The file that `pnpm pack` and `npm pack` write.
 *
 * @param {{ name: string, version: string }} manifest
 */
export function tarballName({ name, version }) {
  return `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
}

/**
 * Packs every public package as it is published. Their `prepack` scripts build them first.
 *
 * @param {string} destination - an existing folder
 * @throws Error if a package cannot be built or packed
 */
export async function packAll(destination) {
  const filters = listPublicPackages().flatMap(({ name }) => ['--filter', name]);
  // One after another, because every `tsc -b` builds the packages below its own, too.
  const flags = ['--fail-if-no-match', '--workspace-concurrency=1'];
  const pack = ['pack', '--pack-destination', resolve(destination)];
  await succeed(pnpmCommand(), [...flags, ...filters, ...pack], repositoryRoot);
}

/**
 * Packs the prebuilt packages of native kernels, and makes them optional dependencies of the packed engine-wasm. The
 * checkout is not changed, because an installation would ask the registry for packages that are not published yet.
 *
 * @param {string} destination - with the tarball of engine-wasm
 * @param {string} prebuilt - the output of prebuilt-packages.mjs
 */
export async function packPrebuilt(destination, prebuilt) {
  const folders = readdirSync(prebuilt).map((name) => join(resolve(prebuilt), name));
  const own = listPublicPackages().find(({ name }) => name === '@gru4rec/engine-wasm');
  if (own === undefined) throw new Error('packPrebuilt: the workspace has no @gru4rec/engine-wasm.');
  for (const folder of folders) {
    const { name, version } = readManifest(folder);
    if (version !== own.version) {
      throw new Error(`${folder} expected version ${own.version} of engine-wasm, got ${version} of ${name}.`);
    }
    await npmPack(folder, destination);
  }
  const platforms = folders.map((folder) => readManifest(folder).name.replace(`${own.name}-`, ''));
  await editManifest(join(destination, tarballName(own)), (manifest) => withPrebuilt(manifest, platforms));
}

/**
 * Adds the repository to every packed manifest. npm compares it with the workflow run that provenance names, so the one
 * that publishes must be in it, a fork too.
 *
 * @param {string} destination - with the tarballs of public packages, and of prebuilt kernels, which are of engine-wasm
 * @param {string} url - such as `https://github.com/owner/name`
 */
export async function nameRepository(destination, url) {
  const packages = listPublicPackages();
  const kernels = join(repositoryRoot, 'packages', 'engine-wasm');
  for (const file of readdirSync(destination)) {
    await editManifest(join(destination, file), (manifest) => {
      const folder = packages.find(({ name }) => name === manifest.name)?.folder ?? kernels;
      const directory = relative(repositoryRoot, folder).replaceAll('\\', '/');
      const repository = { type: 'git', url: `git+${url}.git`, directory };
      return { ...manifest, homepage: `${url}/tree/main/${directory}#readme`, repository };
    });
  }
}

/**
 * Replaces the manifest in a tarball.
 *
 * @param {string} tarball
 * @param {(manifest: any) => unknown} edit
 */
async function editManifest(tarball, edit) {
  const folder = mkdtempSync(join(tmpdir(), 'gru4rec-edit-'));
  try {
    await succeed({ file: 'tar', args: [] }, ['-xzf', resolve(tarball), '-C', folder], folder);
    const file = join(folder, 'package', 'package.json');
    writeFileSync(file, `${JSON.stringify(edit(JSON.parse(readFileSync(file, 'utf8'))), null, 2)}\n`);
    await npmPack(join(folder, 'package'), resolve(tarball, '..'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} folder @param {string} destination */
function npmPack(folder, destination) {
  const flags = ['pack', '--silent', '--ignore-scripts', '--pack-destination', resolve(destination)];
  return succeed(npmToolCommand('npm'), flags, folder);
}

/**
 * Runs a program to its end.
 *
 * @param {import('./commands.mjs').Command} command
 * @param {string[]} args
 * @param {string} cwd
 * @throws Error with what it printed, if it fails
 */
async function succeed({ file, args: leading }, args, cwd) {
  await promisify(execFile)(file, [...leading, ...args], { cwd, maxBuffer: MOST_OUTPUT }).catch((error) => {
    const said = [error.stdout, error.stderr].map((text) => String(text ?? '').trim()).filter(Boolean);
    throw new Error([error.message.split('\n')[0], ...said].join('\n'), { cause: error });
  });
}
