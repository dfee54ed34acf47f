import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandLine, runCommand, tellingLine, type Where } from './run-command.ts';
import { SetUpError } from './set-up-error.ts';

const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
const telling = /^npm (?:error|ERR!) (?!code |A complete log|path |errno |syscall )/;

/**
 * Installs npm packages of exactly these versions into a folder; no script of theirs is run.
 * @throws SetUpError with what npm says.
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
    throw new SetUpError(`setUpTensorFlow: no npm runs here; tried ${npm.join(' ')}. Install npm.`);
  }
  if (/\bETARGET\b|\bE404\b/.test(output)) {
    throw new SetUpError(`setUpTensorFlow: npm knows no ${wanted.join(', ')}. Name a version that exists.`);
  }
  throw new SetUpError(
    `setUpTensorFlow: npm ended with exit code ${status} when it installed ${wanted.join(', ')}: ` +
      tellingLine(output, telling).replace(/^npm (?:error|ERR!) /, ''),
  );
}

/**
 * Runs the install scripts of one package that is installed in a folder.
 * @returns undefined if they ran, else the line that says why not.
 */
export async function runInstallScripts(
  npm: CommandLine,
  where: Where,
  packageName: string,
): Promise<string | undefined> {
  const scripts = ['--ignore-scripts=false', '--foreground-scripts'];
  const { status, output } = await runCommand([...npm, 'rebuild', packageName, ...scripts, ...quiet], where);
  if (status === 0) return undefined;
  return tellingLine(output, /^(?:Error: |node-pre-gyp ERR! |npm error (?!code |path |command ))/);
}
