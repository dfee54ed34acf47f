import { UsageError } from '@gru4rec/checked-options';
import { commandLine, programName } from '../terminal/invocation.ts';

/** The option that once named what is now the first argument, per command. */
const formerOptions: Readonly<Record<string, 'data' | 'model'>> = {
  train: 'data',
  compare: 'data',
  tune: 'data',
  inspect: 'data',
  evaluate: 'model',
  recommend: 'model',
  serve: 'model',
  playground: 'model',
  export: 'model',
  explain: 'model',
};

/** The command that has taken the place of another. */
const formerCommands: Readonly<Record<string, string>> = { explain: 'inspect' };

/**
 * Refuses a command line of an earlier version, in which an option named the dataset or model that a command works on.
 *
 * @param argv - without the paths of Node and the script.
 * @throws UsageError with the command line as it is written now.
 */
export function refuseFormerSpelling(argv: readonly string[]): void {
  const [former = '', ...words] = argv;
  const name = Object.hasOwn(formerCommands, former) ? formerCommands[former] : former;
  const option = Object.hasOwn(formerOptions, former) ? formerOptions[former] : undefined;
  const { found, others } = option ? takeOption(`--${option}`, words) : { found: undefined, others: words };
  if (name === former && found === undefined) return;
  const folders = found?.length === 0 ? [String(option).toUpperCase()] : (found ?? []);
  const now = commandLine([String(name), ...folders, ...others], programName());
  const what = option === 'data' ? 'dataset' : 'model';
  const why =
    name === former
      ? `The ${what} is the first argument of ${name}, not --${option}`
      : `${name} describes models, too`;
  throw new UsageError(`Did you mean ${now}? ${why}`);
}

/** Takes the values of an option out of a command line. @returns `found` is undefined without the option. */
function takeOption(
  option: string,
  words: readonly string[],
): { readonly found: readonly string[] | undefined; readonly others: readonly string[] } {
  const found: string[] = [];
  const others: string[] = [];
  let isGiven = false;
  let isValue = false;
  for (const word of words) {
    const [, value] = word.startsWith(`${option}=`) ? [option, word.slice(option.length + 1)] : [];
    if (word === option || value !== undefined) {
      isGiven = true;
      isValue = word === option;
      if (value !== undefined) found.push(value);
    } else if (isValue && !word.startsWith('-')) {
      found.push(word);
    } else {
      isValue = false;
      others.push(word);
    }
  }
  return { found: isGiven ? found : undefined, others };
}
