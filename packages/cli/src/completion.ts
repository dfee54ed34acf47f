import { commandTable } from './command-table.ts';

const commandNames = commandTable.map(({ name }) => name);

/**
 * Words that may come next in a command line.
 *
 * @param words - after the program's name; the last one is incomplete, or empty.
 * @param helpOf - the help text of a command, which names its options and their values.
 * @returns none where a shell completes names of files.
 */
export async function completions(
  words: readonly string[],
  helpOf: (command: string) => Promise<string>,
): Promise<readonly string[]> {
  const [command = ''] = words;
  const current = words.at(-1) ?? '';
  const starting = (candidates: readonly string[]) => candidates.filter((word) => word.startsWith(current));
  if (words.length < 2) return starting([...commandNames, '--help', '--version']);
  if (!commandNames.includes(command)) return [];
  const help = await helpOf(command);
  const options = optionsIn(help);
  const before = words.at(-2) ?? '';
  if (current.startsWith('-'))
    return starting([...options.keys()].filter((name) => !words.slice(0, -1).includes(name)));
  // Of the commands with an argument, some have a list of its values.
  const isArgument = words.length === 2;
  return starting(
    isArgument ? choicesIn(/^Positionals:\n.*?\n\n/ms.exec(help)?.[0]) : (options.get(before) ?? []),
  );
}

function choicesIn(help = ''): readonly string[] {
  const [, choices = ''] = /\[choices: ([^\]]+)\]/.exec(help) ?? [];
  return [...choices.matchAll(/"([^"]+)"/g)].map(([, value = '']) => value);
}

/** Options of a help text with the values that they are limited to. */
function optionsIn(help: string): ReadonlyMap<string, readonly string[]> {
  const entries = help.split(/\n(?= {2,6}(?:-\w, )?--[a-z])/).slice(1);
  return new Map(
    entries.flatMap((entry) => {
      const [, names = ''] = /^ *(?:-\w, )?(--[a-z][\w-]*(?:, --[a-z][\w-]*)*)/.exec(entry) ?? [];
      return names.split(', ').map((name) => [name, choicesIn(entry)] as const);
    }),
  );
}
