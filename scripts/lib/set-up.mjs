import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pnpmCommand } from './commands.mjs';
import { readPins, repositoryRoot } from './repository.mjs';
import { run } from './run.mjs';

/**
 * Prepares a checkout to run: checks Node, and installs modules unless they are up to date.
 * If that fails, ends the process with one line on standard error.
 *
 * @param {readonly string[]} [without] - folders of apps whose own modules are not needed
 * @returns {Promise<string>} the stamp of the installation
 */
export async function setUp(without = []) {
  const problem = nodeProblem(process.versions.node, readPins().nodeRange);
  if (problem !== undefined) fail(problem);
  const stamp = wantedStamp(repositoryRoot, process.versions.node);
  if (!isInstalled(repositoryRoot, stamp, without)) {
    await install(without);
    recordInstalled(repositoryRoot, stamp, without);
  }
  return stamp;
}

/**
 * @param {string} version - of Node
 * @param {string} range - such as `>=20.19`
 * @returns {string | undefined} the one-line error for a Node that is too old
 */
export function nodeProblem(version, range) {
  if (version.localeCompare(range.replace('>=', ''), 'en', { numeric: true }) >= 0) return undefined;
  return `Node ${range} is needed, this is ${version}. Get a newer one from https://nodejs.org and try again.`;
}

/** @param {readonly string[]} without */
async function install(without) {
  console.error(
    'Installing what is missing: 1 GB of modules, half a minute to a few minutes, by the network …',
  );
  const { file, args } = pnpmCommand();
  // A terminal has one line of progress that changes, a file or pipe would have dozens.
  const quiet = process.stderr.isTTY ? [] : ['--loglevel=error'];
  const flags = ['--frozen-lockfile', ...quiet, ...without.map((folder) => `--filter=!./${folder}`)];
  // Standard output belongs to the command, so the output of an installation goes to standard error.
  const status = await run({ file, args }, ['install', ...flags], {
    cwd: repositoryRoot,
    stdio: ['ignore', process.stderr.fd, process.stderr.fd],
  }).catch((error) => fail(`Could not start ${file}: ${error.message}. Is npm installed with Node?`));
  if (status !== 0) fail(`The installation failed with status ${status}; its messages are above.`);
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  console.error(message);
  process.exit(1);
}

/**
 * Identifies the installation that the checkout requires, by lockfile, settings, Node's major version and platform.
 *
 * @param {string} root
 * @param {string} nodeVersion
 */
export function wantedStamp(root, nodeVersion) {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([nodeVersion.split('.')[0], process.platform, process.arch]));
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

/** @param {string} root */
const recordIn = (root) => join(root, 'node_modules', '.gru4rec-install');

/**
 * Whether the installed modules are those of a stamp, maybe without the modules of some folders.
 *
 * @param {string} root
 * @param {string} stamp
 * @param {readonly string[]} without
 */
export function isInstalled(root, stamp, without) {
  const record = existsSync(recordIn(root)) ? readFileSync(recordIn(root), 'utf8').trim() : '';
  return record === stamp || record === [stamp, ...without].join(' ');
}

/**
 * @param {string} root
 * @param {string} stamp
 * @param {readonly string[]} without
 */
export function recordInstalled(root, stamp, without) {
  writeFileSync(recordIn(root), `${[stamp, ...without].join(' ')}\n`);
}
