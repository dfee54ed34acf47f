import { spawn } from 'node:child_process';
import { endWithParent } from '../end-with-parent.ts';

/** A program and its leading arguments. */
export type CommandLine = readonly [file: string, ...args: string[]];

/** How a command ended. */
export interface Ended {
  /** Exit code, 1 after a signal; undefined if the program does not exist. */
  readonly status: number | undefined;
  /** Its standard output and error, interleaved as they arrived. */
  readonly output: string;
}

/** Where and how a program runs. */
export interface Where {
  /** Its working directory. */
  readonly folder: string;
  readonly environment: Environment;
}

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * An environment without the variables in which npm passes its own options on to scripts: workspaces, and the folder of
 * global packages. Otherwise an npm that a script starts would look for the workspace in the runtime's folder, or
 * install elsewhere.
 */
export function withoutNpmsOwn(environment: Environment): Environment {
  const own = /^npm_config_(?:.*workspace.*|prefix|global|location)$/i;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !own.test(name)));
}

/** Runs a program to its end, without a shell and without standard input. */
export async function runCommand(
  [file, ...args]: CommandLine,
  { folder, environment }: Where,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    endWithParent(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    child.on('error', (error: NodeJS.ErrnoException) => {
      const missing = error.code === 'ENOENT' || error.code === 'EACCES';
      if (missing) resolve({ status: undefined, output: error.message });
      else reject(error);
    });
    child.on('close', (code, signal) => {
      resolve({ status: code ?? 1, output: signal === null ? output : `${output}\nended with ${signal}` });
    });
  });
}

/** The first line that matches, otherwise the last line; at most 300 characters. */
export function mostRelevantLine(output: string, pattern: RegExp): string {
  const lines = output.split('\n').map((line) => line.trim());
  const line = lines.find((text) => pattern.test(text)) ?? lines.filter((text) => text !== '').at(-1);
  return (line ?? 'it printed nothing').slice(0, 300);
}
