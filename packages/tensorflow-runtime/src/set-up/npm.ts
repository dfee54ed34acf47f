import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandLine, mostRelevantLine, runCommand, type Where } from './run-command.ts';
import { SetUpError } from './set-up-error.ts';

const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
/** A line of npm that says what failed, not where its log is. */
const reason = /^npm (?:error|ERR!) (?!code |A complete log|path |errno |syscall )/;

/**
 * Installs npm packages of exactly these versions into a folder, without running their scripts.
 * @throws SetUpError with npm's error.
 */
export async function installPackages(
  npm: CommandLine,
  where: Where,
  dependencies: Readonly<Record<string, string>>,
): Promise<void> {
  const { folder } = where;
  await mkdir(folder, { recursive: true });
  const manifest = { name: 'gru4rec-tensorflow-runtime', private: true, dependencies };
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const { status, output } = await runCommand([...npm, 'install', '--ignore-scripts', ...quiet], where);
  if (status === 0) return;
  const wanted = Object.entries(dependencies).map(([name, version]) => `${name} ${version}`);
  if (status === undefined) {
    throw new SetUpError(`setUpTensorFlow: npm cannot be run as ${npm.join(' ')}. Install npm.`);
  }
  if (/\bETARGET\b|\bE404\b/.test(output)) {
    throw new SetUpError(
      `setUpTensorFlow: npm does not find ${wanted.join(', ')}. Name a version that exists.`,
    );
  }
  throw new SetUpError(
    `setUpTensorFlow: npm ended with exit code ${status} when installing ${wanted.join(', ')}: ` +
      mostRelevantLine(output, reason).replace(/^npm (?:error|ERR!) /, ''),
  );
}

/**
 * Runs the install scripts of one installed package.
 * @returns undefined if they succeeded, otherwise the line that says why not.
 */
export async function runInstallScripts(
  npm: CommandLine,
  where: Where,
  packageName: string,
): Promise<string | undefined> {
  const scripts = ['--ignore-scripts=false', '--foreground-scripts'];
  const { status, output } = await runCommand([...npm, 'rebuild', packageName, ...scripts, ...quiet], where);
  if (status === 0) return undefined;
  return mostRelevantLine(output, /^(?:Error: |node-pre-gyp ERR! |npm error (?!code |path |command ))/);
}
