import { execFile, execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { currentSurroundings, npmToolCommand } from './commands.mjs';

/**
 * A packed package.
 *
 * @typedef {object} Tarball
 * @property {string} file
 * @property {string} name
 * @property {string} version
 * @property {readonly string[]} dependencies - names, optional ones included
 */

/**
 * The tarballs of a folder, each after those that it depends on, so that what is published can be installed.
 *
 * @param {string} folder
 * @returns {Tarball[]}
 * @throws Error if a file is no package, or two have one name
 */
export function tarballsInOrder(folder) {
  const all = new Map();
  for (const name of readdirSync(folder).sort()) {
    const tarball = readTarball(join(resolve(folder), name));
    if (all.has(tarball.name)) throw new Error(`${folder} expected one version of ${tarball.name}, got two.`);
    all.set(tarball.name, tarball);
  }
  /** @type {Set<Tarball>} */
  const ordered = new Set();
  const visit = (/** @type {Tarball} */ tarball) => {
    for (const name of tarball.dependencies) {
      const below = all.get(name);
      if (below !== undefined && !ordered.has(below)) visit(below);
    }
    ordered.add(tarball);
  };
  for (const tarball of all.values()) visit(tarball);
  return [...ordered];
}

/**
 * @param {string} file
 * @returns {Tarball}
 */
function readTarball(file) {
  const text = execFileSync('tar', ['-xOzf', file, 'package/package.json'], { encoding: 'utf8' });
  const { name, version, dependencies = {}, optionalDependencies = {} } = JSON.parse(text);
  return { file, name, version, dependencies: Object.keys({ ...dependencies, ...optionalDependencies }) };
}

/**
 * Publishes a tarball, unless the registry has its version.
 *
 * @param {Tarball} tarball
 * @param {{ dryRun: boolean, provenance: boolean }} options
 * @returns {Promise<'published' | 'checked' | 'there already'>}
 * @throws Error with npm's messages
 */
export async function publish({ file, name, version }, { dryRun, provenance }) {
  if (!dryRun && (await isPublished(name, version))) return 'there already';
  const flags = [
    '--access',
    'public',
    ...(provenance ? ['--provenance'] : []),
    ...(dryRun ? ['--dry-run'] : []),
  ];
  await npm(['publish', file, ...flags]);
  return dryRun ? 'checked' : 'published';
}

/**
 * @param {string} name
 * @param {string} version
 */
async function isPublished(name, version) {
  return npm(['view', `${name}@${version}`, 'version']).then(
    (stdout) => stdout.trim() !== '',
    (error) => {
      if (/E404/.test(error.message)) return false;
      throw error;
    },
  );
}

/** @param {string[]} args */
async function npm(args) {
  const { file, args: leading } = npmToolCommand('npm', currentSurroundings());
  const { stdout } = await promisify(execFile)(file, [...leading, ...args]).catch((error) => {
    throw new Error(`npm ${args.join(' ')} failed: ${error.stderr}`, { cause: error });
  });
  return stdout;
}
