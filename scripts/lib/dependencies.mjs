import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * An installed third-party package.
 *
 * @typedef {object} Dependency
 * @property {string} name
 * @property {string} version
 * @property {string} licence - from its manifest, or `UNKNOWN`
 * @property {boolean} hasInstallScript - whether an installation would run its code
 */

/**
 * Licences of packages whose manifests only point to a file, as somebody read them there.
 *
 * @type {Readonly<Record<string, string>>}
 */
const readLicences = { 'spawndamnit@3.0.1': 'MIT' };

const installScripts = ['preinstall', 'install', 'postinstall'];

/**
 * All packages that pnpm installed under `node_modules/.pnpm`, by name and version.
 *
 * @param {string} root - of the workspace
 * @returns {Dependency[]}
 */
export function listDependencies(root) {
  const store = join(root, 'node_modules', '.pnpm');
  const folders = readdirSync(store)
    .map((entry) => join(store, entry, 'node_modules'))
    .filter((folder) => existsSync(folder))
    .flatMap(packageFolders);
  const found = new Map(folders.map(readDependency).map((one) => [`${one.name}@${one.version}`, one]));
  return [...found.values()].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
}

/** @param {Dependency} dependency */
function idOf({ name, version }) {
  return `${name}@${version}`;
}

/**
 * The packages that a folder contains itself, without links to others.
 *
 * @param {string} folder
 * @returns {string[]}
 */
function packageFolders(folder) {
  return readdirSync(folder)
    .flatMap((name) => {
      if (!name.startsWith('@')) return [join(folder, name)];
      return readdirSync(join(folder, name)).map((scoped) => join(folder, name, scoped));
    })
    .filter((path) => !lstatSync(path).isSymbolicLink() && existsSync(join(path, 'package.json')));
}

/**
 * @param {string} folder
 * @returns {Dependency}
 */
function readDependency(folder) {
  const {
    name,
    version,
    license,
    licenses,
    scripts = {},
  } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return {
    name,
    version,
    licence: readLicences[`${name}@${version}`] ?? licenceOf(license ?? licenses),
    // npm and pnpm build a package with a binding.gyp, even without a script.
    hasInstallScript:
      installScripts.some((script) => scripts[script]) || existsSync(join(folder, 'binding.gyp')),
  };
}

/**
 * The licence as an SPDX expression, converted from npm's older forms if necessary.
 *
 * @param {unknown} written
 * @returns {string}
 */
export function licenceOf(written) {
  if (typeof written === 'string') return written;
  const list = Array.isArray(written) ? written : [written];
  const types = list.map((one) => (typeof one === 'string' ? one : one?.type)).filter(Boolean);
  return types.length === 0 ? 'UNKNOWN' : types.join(' OR ');
}
