import { inspect } from 'node:util';
import { didYouMean, UsageError } from '@gru4rec/checks';
import { type CommandEntry, commandTable } from './command-table.ts';
import { formatHelp, overview } from './help.ts';
import { findProjectFile } from './project/find.ts';
import type { CommandProject } from './project/project.ts';
import { describeError, isAboutOption } from './terminal/describe-error.ts';
import { commandLine, programName, readVersion } from './terminal/invocation.ts';
import { type Streams, type Terminal, terminalOn } from './terminal/terminal.ts';

const helpFlags = ['--help', '-h'];

const DID_YOU_MEAN = 'Did you mean ';

const commandNames = commandTable.map(({ name }) => name);

/**
 * Runs one command line.
 *
 * @param argv - without the paths of Node and the script.
 * @returns exit code: 0, 1 for a failure, 2 for a wrong command line or configuration, or what the command returns.
 */
export async function runCli(argv: readonly string[], streams: Streams): Promise<number> {
  const terminal = terminalOn(streams);
  const { stdout, stderr } = terminal;
  let project: CommandProject | undefined;
  try {
    project = await projectOf(argv, terminal);
    const { text = '', code = 0 } = await run(argv, terminal, project);
    if (text !== '') stdout.write(`${text}\n`);
    return code;
  } catch (error) {
    const isCommandLine = isUsage(error);
    const described = describeError(error);
    const line = project?.namingFile(described) ?? described;
    const question = isCommandLine ? await suggestOptions(line, argv) : await suggestKeys(error);
    stderr.write(`${question}${line}\n`);
    if (isCommandLine) stderr.write(`${hint(argv)}\n`);
    else if (streams.debug) stderr.write(`${inspect(error)}\n`);
    return isCommandLine || (await isConfiguration(error)) ? 2 : 1;
  }
}

/** Only a project loads the module. */
async function projectOf(
  [name = '', ...words]: readonly string[],
  { directory }: Terminal,
): Promise<CommandProject | undefined> {
  const file = findProjectFile(directory);
  if (file === undefined) return undefined;
  const { openProject } = await import('./project/project.ts');
  return openProject(file, directory).forCommand(name, words);
}

async function run(
  argv: readonly string[],
  terminal: Terminal,
  project: CommandProject | undefined,
): Promise<{ readonly text?: string; readonly code?: number }> {
  const [first = '--help', ...others] = argv;
  if (first === '--version') return { text: readVersion() };
  const entry = entryOf(helpFlags.includes(first) ? others[0] : first);
  if (!entry) return { text: overview() };
  const [{ parseCommand }, { command }] = await Promise.all([import('./parse-command.ts'), entry.load()]);
  const { text, args } = await parseCommand(entry.name, command, argv, project, terminal.directory);
  if (!args) return { text: formatHelp(text, Math.min(100, terminal.stdout.columns ?? 100)) };
  const code = await command.run(args, terminal, argv);
  const overtaken = await project?.finished({ ...args });
  if (overtaken !== undefined) terminal.stderr.write(`${overtaken}\n`);
  return typeof code === 'number' ? { code } : {};
}

/** yargs would call a misspelt name an unknown argument. */
function entryOf(name: string | undefined): CommandEntry | undefined {
  const entry = commandTable.find((known) => known.name === name);
  if (name === undefined || entry) return entry;
  const problem = name.startsWith('-')
    ? `Expected a command before ${name}`
    : `${didYouMean([name], commandNames)}Unknown command ${JSON.stringify(name)}`;
  throw new UsageError(`${problem}; the commands are ${commandNames.join(', ')}`);
}

/** Whether the command line is wrong. A DataError about an option is about the data too. */
function isUsage(error: unknown): boolean {
  const isOption = isAboutOption(error) && (error instanceof TypeError || error instanceof RangeError);
  return isOption || error instanceof UsageError;
}

async function isConfiguration(error: unknown): Promise<boolean> {
  const [{ ConfigError }, { OriginalFormatError }] = await Promise.all([
    import('@gru4rec/model'),
    import('@gru4rec/formats/pytorch'),
  ]);
  return error instanceof ConfigError || error instanceof OriginalFormatError;
}

async function suggestOptions(line: string, argv: readonly string[]): Promise<string> {
  const entry = commandTable.find(({ name }) => name === argv[0]);
  if (!entry || line.startsWith(DID_YOU_MEAN)) return '';
  const flags = argv.flatMap((word) => /^--(?:no-)?([a-z][\w-]*)/i.exec(word)?.[1] ?? []);
  const { options } = (await entry.load()).command;
  const names = Object.keys(options).filter((name) => options[name]?.argument === undefined);
  const known = [...names, 'help', 'version'];
  const unknown = flags.filter((name) => !known.includes(name));
  return didYouMean(unknown, known, (name) => `--${name}`);
}

async function suggestKeys(error: unknown): Promise<string> {
  if (!(error instanceof Error && 'unknownKeys' in error)) return '';
  const { configKeys } = await import('@gru4rec/model');
  return didYouMean(error.unknownKeys as readonly string[], configKeys);
}

function hint([name]: readonly string[]): string {
  const command = commandNames.find((known) => known === name);
  return `See ${commandLine(command === undefined ? ['--help'] : [command, '--help'], programName())}`;
}
