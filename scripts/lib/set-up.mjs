import { currentSurroundings, pnpmCommand } from './commands.mjs';
import { isInstalled, recordInstalled, wantedStamp } from './install.mjs';
import { nodeVersionProblem } from './node-version.mjs';
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
  const { pnpmVersion, nodeRange } = readPins();
  const problem = nodeVersionProblem(process.versions.node, nodeRange);
  if (problem !== undefined) fail(problem);
  const host = { nodeVersion: process.versions.node, platform: process.platform, arch: process.arch };
  const stamp = wantedStamp(repositoryRoot, host);
  if (!isInstalled(repositoryRoot, stamp, without))
    await install(pnpmCommand(pnpmVersion, currentSurroundings()), stamp, without);
  return stamp;
}

/**
 * @param {import('./commands.mjs').Command} pnpm
 * @param {string} stamp
 * @param {readonly string[]} without
 */
async function install(pnpm, stamp, without) {
  console.error(
    'Installing what is missing: 1 GB of modules, half a minute to a few minutes, by the network …',
  );
  // A terminal has one line of progress that changes, a file or pipe would have dozens.
  const quiet = process.stderr.isTTY ? [] : ['--loglevel=error'];
  // Standard output belongs to the command, so the output of an installation goes to standard error.
  const status = await run(
    pnpm,
    ['install', '--frozen-lockfile', ...quiet, ...without.map((folder) => `--filter=!./${folder}`)],
    {
      cwd: repositoryRoot,
      stdio: ['ignore', process.stderr.fd, process.stderr.fd],
    },
  ).catch((error) => fail(`Could not start ${pnpm.file}: ${error.message}. Is npm installed with Node?`));
  if (status !== 0) fail(`The installation failed with status ${status}; its messages are above.`);
  recordInstalled(repositoryRoot, stamp);
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  console.error(message);
  process.exit(1);
}
