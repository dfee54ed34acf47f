import { UsageError } from '@gru4rec/checks';
import yargs, { type Argv } from 'yargs';
import type { Command, Option, Options } from './arguments/options.ts';
import type { CommandProject } from './project/project.ts';
import { programName, readVersion } from './terminal/invocation.ts';

type ProjectValues = Pick<CommandProject, 'argument' | 'options'>;

class LacksArgument extends UsageError {}

interface Parsed {
  /** What `--help` or `--version` prints, as yargs formats it; else empty. */
  readonly text: string;
  readonly args: object | undefined;
}

/**
 * Takes what the command line lacks from the project.
 * @param argv - begins with the name of the command, or `--help`.
 * @param directory - where it runs.
 */
export async function parseCommand(
  name: string,
  command: Command,
  argv: readonly string[],
  project?: ProjectValues,
  directory: string = process.cwd(),
): Promise<Parsed> {
  try {
    return await parseWords(name, command, argv, { project, directory });
  } catch (error) {
    if (!(error instanceof LacksArgument) || !project?.argument) throw error;
    return parseWords(name, command, [name, project.argument(), ...argv.slice(1)], { project, directory });
  }
}

async function parseWords(
  name: string,
  command: Command,
  argv: readonly string[],
  { project, directory }: { readonly project: ProjectValues | undefined; readonly directory: string },
): Promise<Parsed> {
  let text = '';
  let args: object | undefined;
  const named = Object.entries(command.options).filter(([, { argument }]) => argument);
  await yargs()
    .scriptName(programName())
    .locale('en')
    .parserConfiguration({ 'camel-case-expansion': false })
    .command({
      command: [name, ...named.map(placeOf)].join(' '),
      describe: false,
      builder: (parser) => declare(parser, name, command).config(fromProject(command, argv, project)),
      handler: (parsed) => {
        const [optional] = named.find(([, { demandOption }]) => !demandOption) ?? [];
        if (optional && project) parsed[optional] ??= project.argument?.();
        args = valuesOf(command.options, parsed, directory);
      },
    })
    .strict()
    .fail((message, error) => {
      if (error && error.name !== 'YError') throw error;
      // yargs says how many are missing.
      const lacksArgument = message.startsWith('Not enough non-option arguments');
      const wanted = `${name} expected ${named[0]?.[1].argument} as its first argument, got none`;
      throw lacksArgument ? new LacksArgument(wanted) : new UsageError(message);
    })
    .exitProcess(false)
    .help()
    .alias('help', 'h')
    .version(readVersion())
    .wrap(null)
    .parseAsync(argv, {}, (_error: unknown, _args: unknown, output: string) => {
      text = output.replaceAll(/\s+\[default: \[\]\]/g, '');
    });
  return { text, args };
}

/** The options of the project, but those that an option of the command line excludes. */
function fromProject({ options }: Command, argv: readonly string[], project: ProjectValues | undefined) {
  const flags = argv.flatMap((word) => /^--([a-z-]+)/.exec(word)?.[1] ?? []);
  const excludes = (one: string, other: string) => [options[one]?.conflicts ?? []].flat().includes(other);
  const kept = Object.entries(project?.options ?? {}).filter(
    ([name]) => !flags.some((other) => excludes(name, other) || excludes(other, name)),
  );
  return Object.fromEntries(kept);
}

function placeOf([name, { demandOption, array }]: [name: string, option: Option]): string {
  const place = array ? `${name}..` : name;
  return demandOption ? `<${place}>` : `[${place}]`;
}

function declare(parser: Argv, name: string, { usage, options, examples }: Command): Argv {
  // Empty groups, so that the help has arguments before options.
  parser.group([], 'Positionals:').group([], 'Options:').usage(usage);
  if ('version' in options) parser.version(false);
  for (const [key, { argument, fallback = false, ...known }] of Object.entries(options)) {
    const option = { ...known, ...(fallback !== false && { defaultDescription: String(fallback) }) };
    if (argument) parser.positional(key, option);
    else parser.option(key, option);
  }
  for (const example of examples) {
    const [line, comment] = typeof example === 'string' ? [example, ''] : example;
    parser.example(`$0 ${name} ${line}`, comment);
  }
  return parser;
}

function valuesOf(options: Options, parsed: Readonly<Record<string, unknown>>, directory: string): object {
  const values = Object.entries(options).map(([name, { argument, array, fallback, parse }]) => {
    const key = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    const [text, label] = [parsed[name] ?? fallback, argument ?? `--${name}`];
    if (!array) checkOnce(text, label);
    return [key, text === undefined ? undefined : parse(text, label, directory)];
  });
  return Object.fromEntries(values);
}

function checkOnce(value: unknown, label: string): void {
  if (Array.isArray(value))
    throw new UsageError(`${label} is given ${value.length} times, but only once is allowed`);
  if (value === '') throw new UsageError(`${label} expected a string, got an empty one`);
}
