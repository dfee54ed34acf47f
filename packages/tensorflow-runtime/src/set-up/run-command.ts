import { spawn } from 'node:child_process';
import { endWithParent } from '../end-with-parent.ts';

/** A program and its leading arguments. */
export type CommandLine = readonly [file: string, ...args: string[]];

/** How a command ended. */
export interface Ended {
  /** Undefined if there is no such program. */
  readonly status: number | undefined;
  /** What it wrote to its standard output and error, in the order in which it came. */
  readonly output: string;
}

/** What a program finds when it starts. */
export interface Where {
  /** Folder that it runs in. */
  readonly folder: string;
  readonly environment: Environment;
}

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * An environment without what npm tells its scripts of its own command line: a workspace, and where global packages lie.
 * An npm that such a script starts would look for that workspace in the folder of the runtime, or install elsewhere.
 */
export function withoutNpmsOwn(environment: Environment): Environment {
  const own = /^npm_config_(?:.*workspace.*|prefix|global|location)$/i;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !own.test(name)));
}

/** Runs a program to its end, without a shell; it reads nothing. */
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

/** The line that tells the most: the first that matches, else the last. */
export function tellingLine(output: string, pattern: RegExp): string {
  const lines = output.split('\n').map((line) => line.trim());
  const line = lines.find((text) => pattern.test(text)) ?? lines.filter((text) => text !== '').at(-1);
  return (line ?? 'it said nothing').slice(0, 300);
}
