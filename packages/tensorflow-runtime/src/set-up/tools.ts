import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type CommandLine, runCommand, type Where } from './run-command.ts';
import { SetUpError } from './set-up-error.ts';

/** The programs that a runtime is built with. */
export interface Tools {
  readonly npm: CommandLine;
  /** Command lines of pip; the first that runs is used. */
  readonly pip: readonly CommandLine[];
  /** C++ compilers; the first that runs is used. */
  readonly compilers: readonly CommandLine[];
}

/** npm of the running Node, and the usual names of pip and compilers on the `PATH`. */
export const defaultTools: Tools = {
  npm: npmOfThisNode(),
  pip: [['python3', '-m', 'pip'], ['python', '-m', 'pip'], ['pip3'], ['pip']],
  compilers: [['c++'], ['g++'], ['clang++']],
};

function npmOfThisNode(): CommandLine {
  const besideNode = dirname(process.execPath);
  const folders = [join(besideNode, '..', 'lib', 'node_modules'), join(besideNode, 'node_modules')];
  const scripts = folders.map((folder) => join(folder, 'npm', 'bin', 'npm-cli.js'));
  const script = scripts.find((file) => existsSync(file));
  return script === undefined ? ['npm'] : [process.execPath, script];
}

/**
 * The first command line that runs with `--version`.
 * @throws SetUpError naming all that were tried.
 */
export async function firstThatRuns(
  kind: 'pip' | 'C++ compiler',
  commands: readonly CommandLine[],
  where: Where,
): Promise<CommandLine> {
  for (const command of commands) {
    if ((await runCommand([...command, '--version'], where)).status === 0) return command;
  }
  const tried = commands.map((command) => command.join(' ')).join(', ');
  const advice = kind === 'pip' ? 'Install Python with pip' : 'Install g++ or clang, or name one in CXX';
  throw new SetUpError(`setUpTensorFlow: no ${kind} runs here; tried ${tried}. ${advice}.`);
}
