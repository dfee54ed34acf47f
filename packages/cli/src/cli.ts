import { resolve } from 'node:path';
import { inspect } from 'node:util';
import { didYouMean, UsageError } from '@gru4rec/checks';
import type { ArgumentsCamelCase, Argv } from 'yargs';
import { commandTable } from './command-table.ts';
import type { Command } from './commands/command.ts';
import { formatHelp, overview } from './help.ts';
import { describeError, isAboutOption } from './terminal/describe-error.ts';
import { commandLine, programName } from './terminal/invocation.ts';
import { type Streams, type Terminal, terminalOn } from './terminal/terminal.ts';
import { readVersion } from './version.ts';

const helpFlags = ['--help', '-h'];
/** With which the script of `completion` asks for the words that may come next. */
const COMPLETION_FLAG = '--get-yargs-completions';

const DID_YOU_MEAN = 'Did you mean ';

const commandNames = commandTable.map(({ name }) => name);

interface Request {
  readonly text: string;
  readonly work: (() => unknown) | undefined;
}

/**
 * Runs one command line.
 *
 * @param argv - without the paths of Node and the script.
 * @returns exit code: 0, 1 for a failure, 2 for a wrong command line or configuration.
 */
export async function runCli(argv: readonly string[], streams: Streams): Promise<number> {
  const terminal = terminalOn(streams);
  const { stdout } = terminal;
  let request: Request;
  try {
    request = await parse(argv, terminal);
  } catch (error) {
    return await fail(error, argv, terminal, streams.debug);
  }
  try {
    if (request.text !== '') stdout.write(`${request.text}\n`);
    await request.work?.();
    return 0;
  } catch (error) {
    return await fail(error, argv, terminal, streams.debug);
  }
}

async function fail(
  error: unknown,
  argv: readonly string[],
  terminal: Terminal,
  debug = false,
): Promise<number> {
  const { stderr } = terminal;
  const isCommandLine = isUsage(error);
  const line = namingArgument(withoutTwins(describeError(error)), argv);
  const question = isCommandLine ? await suggestOptions(line, argv, terminal) : await suggestKeys(error);
  stderr.write(`${question}${line}\n`);
  if (isCommandLine) stderr.write(`${hint(argv)}\n`);
  else if (debug) stderr.write(`${inspect(error)}\n`);
  return isCommandLine || (await isConfiguration(error)) ? 2 : 1;
}

/** Whether the command line is wrong. A DataError about an option is about the data too. */
function isUsage(error: unknown): boolean {
  const isOption = isAboutOption(error) && (error instanceof TypeError || error instanceof RangeError);
  return isOption || error instanceof UsageError || (error as Error | undefined)?.name === 'YError';
}

async function isConfiguration(error: unknown): Promise<boolean> {
  const [{ ConfigError }, { OriginalFormatError }] = await Promise.all([
    import('@gru4rec/model'),
    import('@gru4rec/formats/pytorch'),
  ]);
  return error instanceof ConfigError || error instanceof OriginalFormatError;
}

/** Warns of kept workspaces. Only commands that write load the module. */
async function nameKept(output: string, { directory, stderr }: Terminal): Promise<void> {
  const { warnOfKept } = await import('./arguments/folders.ts');
  await warnOfKept(resolve(directory, output), stderr);
}

async function parse(argv: readonly string[], terminal: Terminal): Promise<Request> {
  checkCommandName(argv);
  const [first = ''] = argv;
  // These need no parser, whose modules take longer to load than the rest of the answer.
  if (argv.length === 1 && first === '--version') return { text: readVersion(), work: undefined };
  if (argv.length === 0 || (argv.length === 1 && helpFlags.includes(first)))
    return { text: overview(), work: undefined };
  if (first === COMPLETION_FLAG) {
    const { completions } = await import('./completion.ts');
    return { text: (await completions(argv.slice(2), terminal)).join('\n'), work: undefined };
  }
  let text = '';
  let work: Request['work'];
  const [{ default: yargs }, loaded] = await Promise.all([import('yargs'), loadNamed(argv)]);
  const { columns = 100 } = terminal.stdout;
  const parser = yargs().scriptName(programName()).locale('en');
  for (const { name, command } of commandTable) {
    const named = loaded.get(name);
    const postpone = (args: ArgumentsCamelCase<{ output?: unknown }>) => {
      work = async () => {
        await named?.handler(args, terminal, argv);
        if (typeof args.output === 'string') await nameKept(args.output, terminal);
      };
    };
    const builder = (options: Argv) => named?.builder(inOrder(options), terminal) ?? options;
    parser.command({ command, describe: false, builder, handler: postpone });
  }
  await parser
    .strict()
    .fail((message, error) => {
      throw error ?? new UsageError(message);
    })
    .exitProcess(false)
    .help()
    .alias('help', 'h')
    .version(readVersion())
    .wrap(null)
    .parseAsync(argv, {}, (_error: unknown, _args: unknown, output: string) => {
      text = output;
    });
  return { text: formatHelp(text, Math.min(100, columns)), work };
}

function inOrder(options: Argv): Argv {
  return options.group([], 'Positionals:').group([], 'Options:');
}

/** Loads only the commands that may be named, because loading all of them takes a second. */
async function loadNamed(argv: readonly string[]): Promise<ReadonlyMap<string, Command>> {
  const entries = commandTable.filter(({ name }) => argv.includes(name));
  return new Map(await Promise.all(entries.map(async ({ name, load }) => [name, await load()] as const)));
}

/** Checks the name of the command, because yargs would call a misspelt one an unknown argument. */
function checkCommandName([name]: readonly string[]): void {
  if (name === undefined || [...commandNames, ...helpFlags, '--version', COMPLETION_FLAG].includes(name))
    return;
  const problem = name.startsWith('-')
    ? `Expected a command before ${name}`
    : `${didYouMean([name], commandNames)}Unknown command ${JSON.stringify(name)}`;
  throw new UsageError(`${problem}; the commands are ${commandNames.join(', ')}`);
}

/** Removes duplicates: yargs names an unknown option twice, the second time in camel case. */
function withoutTwins(line: string): string {
  const [, list] = /^Unknown arguments: (.*)$/.exec(line) ?? [];
  if (list === undefined) return line;
  const names = list.split(', ');
  const isTwin = (name: string) =>
    names.some(
      (other) => other.replace(/-+(\w)/g, (_, c: string) => c.toUpperCase()) === name && other !== name,
    );
  const own = names.filter((name) => !isTwin(name));
  return `Unknown argument${own.length === 1 ? '' : 's'}: ${own.join(', ')}`;
}

const folderNames: Readonly<Record<string, string>> = { data: 'dataset', model: 'model', models: 'model' };

/** Says which argument is missing, where yargs says how many are. */
function namingArgument(line: string, [name]: readonly string[]): string {
  if (!line.startsWith('Not enough non-option arguments')) return line;
  const { command = '' } = commandTable.find((entry) => entry.name === name) ?? {};
  const [, argument = ''] = /<(\w+)/.exec(command) ?? [];
  const folder = folderNames[argument];
  return folder ? `${name} expected the folder of a ${folder} as its first argument, got none` : line;
}

async function suggestOptions(line: string, argv: readonly string[], terminal: Terminal): Promise<string> {
  if (line.startsWith(DID_YOU_MEAN)) return '';
  const given = argv.flatMap((word) => /^--(?:no-)?([a-z][\w-]*)/i.exec(word)?.[1] ?? []);
  if (given.length === 0) return '';
  const { declaredBy } = await import('./completion.ts');
  const { options } = await declaredBy(argv[0] ?? '', terminal);
  const known = [...options.keys()].map((option) => option.slice(2));
  const unknown = given.filter((name) => !known.includes(name));
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
