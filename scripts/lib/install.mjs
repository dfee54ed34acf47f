import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const stampPath = join('node_modules', '.gru4rec-install');
const workspaceFolders = ['packages', 'apps', 'scripts'];

/**
 * The manifests that determine an installation, relative to the root and sorted.
 *
 * @param {string} root
 * @returns {string[]}
 */
export function listManifests(root) {
  const manifests = ['package.json'];
  for (const folder of workspaceFolders) {
    if (!existsSync(join(root, folder))) continue;
    for (const name of readdirSync(join(root, folder)).sort()) {
      const manifest = join(folder, name, 'package.json');
      if (existsSync(join(root, manifest))) manifests.push(manifest);
    }
  }
  return manifests;
}

/**
 * Identifies the installation that the checkout requires, by lockfile, manifests, Node's major version and platform.
 *
 * @param {string} root
 * @param {{ nodeVersion: string, platform: string, arch: string }} host
 * @returns {string}
 */
export function wantedStamp(root, { nodeVersion, platform, arch }) {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([nodeVersion.split('.')[0], platform, arch]));
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...listManifests(root)]) {
    hash.update(JSON.stringify([file.replace(/\\/g, '/'), readText(join(root, file))]));
  }
  return hash.digest('hex');
}

/**
 * Whether the installed modules are those that `stamp` identifies, including the folder of every workspace package.
 *
 * @param {string} root
 * @param {string} stamp
 * @param {readonly string[]} [without] - folders of packages that need no modules, with `/`
 * @returns {boolean}
 */
export function isInstalled(root, stamp, without = []) {
  if (readText(join(root, stampPath)).trim() !== stamp) return false;
  const unneeded = without.map((folder) => join(folder, 'package.json'));
  return listManifests(root).every((manifest) => {
    if (unneeded.includes(manifest)) return true;
    const { dependencies, devDependencies } = JSON.parse(readText(join(root, manifest)));
    const count = Object.keys({ ...dependencies, ...devDependencies }).length;
    return count === 0 || existsSync(join(root, manifest, '..', 'node_modules'));
  });
}

/**
 * @param {string} root
 * @param {string} stamp
 */
export function recordInstalled(root, stamp) {
  writeFileSync(join(root, stampPath), `${stamp}\n`);
}

/** @param {string} path */
function readText(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
