import { type ChildProcess, execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { npmToolCommand } from '../../../scripts/lib/commands.mjs';

/** As a user has it: no settings of the tests, or of the npm that runs them. */
export const env: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(npm_(?!config_registry)|GRU4REC_|INIT_CWD|VITEST|NODE_OPTIONS)/.test(name),
  ),
);

/** Runs a program. @returns its standard output. @throws with all of its output if it fails. */
export async function run(cwd: string, file: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(file, args, { cwd, env, maxBuffer: 64 * 1024 ** 2 }).catch(
    (error: Error & { stdout: string; stderr: string }) => {
      throw new Error(`${error.message}\n${error.stdout}${error.stderr}`);
    },
  );
  return stdout;
}

/** Runs npm. */
export function npm(cwd: string, ...args: readonly string[]): Promise<string> {
  const { file, args: leading } = npmToolCommand('npm');
  return run(cwd, file, ...leading, ...args);
}

const npx = npmToolCommand('npx');
/** Runs a command of an installed package. */
export const npxIn = (cwd: string, ...args: readonly string[]) => run(cwd, npx.file, ...npx.args, ...args);

/** @returns why packages cannot be installed, or undefined if they can. */
export function registryProblem(folder: string): Promise<string | undefined> {
  return npm(folder, 'view', '@types/node@20', 'version', '--fetch-retries', '0').then(
    () => undefined,
    () => 'the npm registry does not answer',
  );
}

/** Waits for a line of a process. @param line - has the URL as its group. @returns the URL. */
export function urlOf(child: ChildProcess, line: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const look = (more: unknown) => {
      text += String(more);
      const [, url] = line.exec(text) ?? [];
      if (url) resolve(url);
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.on('close', (status) => reject(new Error(`ended with ${status}: ${text}`)));
  });
}
