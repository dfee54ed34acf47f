import { commandTable } from './command-table.ts';
import type { Terminal } from './terminal/terminal.ts';
import { readVersion } from './version.ts';

const commandNames = commandTable.map(({ name }) => name);

interface Declared {
  readonly options: ReadonlyMap<string, readonly string[]>;
  readonly argument: readonly string[];
}

export async function declaredBy(name: string, terminal: Terminal): Promise<Declared> {
  const entry = commandTable.find((known) => known.name === name);
  if (!entry) return { options: new Map(), argument: [] };
  const [{ default: yargs }, { builder }] = await Promise.all([import('yargs'), entry.load()]);
  const parser = builder(yargs().help().version(readVersion()), terminal);
  // The types of yargs lack it.
  const { key, choices } = (parser as unknown as { getOptions(): YargsOptions }).getOptions();
  const named = [...entry.command.matchAll(/[<[](\w+)/g)].map(([, argument = '']) => argument);
  const options = Object.keys(key).filter((option) => !named.includes(option));
  return {
    options: new Map(options.map((option) => [`--${option}`, choices[option] ?? []])),
    argument: choices[named[0] ?? ''] ?? [],
  };
}

interface YargsOptions {
  readonly key: Readonly<Record<string, unknown>>;
  readonly choices: Readonly<Record<string, readonly string[]>>;
}

/** `words` after the program's name; the last is incomplete or empty. Returns none where a shell completes names of files. */
export async function completions(words: readonly string[], terminal: Terminal): Promise<readonly string[]> {
  const [command = ''] = words;
  const current = words.at(-1) ?? '';
  const starting = (candidates: readonly string[]) => candidates.filter((word) => word.startsWith(current));
  if (words.length < 2) return starting([...commandNames, '--help', '--version']);
  if (!commandNames.includes(command)) return [];
  const { options, argument } = await declaredBy(command, terminal);
  const before = words.at(-2) ?? '';
  if (current.startsWith('-'))
    return starting([...options.keys()].filter((name) => !words.slice(0, -1).includes(name)));
  // Of the commands with an argument, some have a list of its values.
  const isArgument = words.length === 2;
  return starting(isArgument ? argument : (options.get(before) ?? []));
}
