import { EngineUnavailableError } from '@gru4rec/program';
import type { Argv } from 'yargs';

/** The parts of the process that a command uses. */
export interface Surroundings {
  readonly resolvePath: (path: string) => string;
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
  /** Interrupts a command that can end early. */
  readonly signal?: AbortSignal;
}

/** A wrong command line. Only its message is printed. */
export class UsageError extends Error {}

/** Why a command cannot do its work here. Only its message is printed. */
export class Failure extends Error {}

type Parsed<Options> = Options & Readonly<Record<string, unknown>>;

/** The arguments that a function's parser gives. */
export type ArgumentsOf<Make> = Make extends () => Argv<infer Options> ? Parsed<Options> : never;

/**
 * Runs a command with its arguments, or prints its help.
 *
 * @param name - of the command, in messages.
 * @param parser - declares the options; a word that it does not declare is refused.
 * @param run - the work. Returns the exit status.
 * @returns exit status: that of the work; 1 for a {@link Failure} or an engine that cannot run here; 2 for a
 *   {@link UsageError}.
 * @throws other errors of the work.
 */
export async function runCommand<Options>(
  name: string,
  parser: Argv<Options>,
  words: readonly string[],
  { print, complain }: Pick<Surroundings, 'print' | 'complain'>,
  run: (found: Parsed<Options>) => Promise<number> | number,
): Promise<number> {
  try {
    const found = parseWords(parser, words);
    if (typeof found !== 'string') return await run(found);
    print(found);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      complain(error.message);
      return 2;
    }
    if (!(error instanceof Failure || error instanceof EngineUnavailableError)) throw error;
    complain(error instanceof Failure ? error.message : `${name}: ${error.message}`);
    return 1;
  }
}

/** @returns the arguments, or the help text if it was requested, without printing or ending the process. */
function parseWords<Options>(parser: Argv<Options>, words: readonly string[]): Parsed<Options> | string {
  let help: string | undefined;
  const found = parser
    .locale('en')
    .wrap(80)
    .strict()
    .version(false)
    .exitProcess(false)
    .fail((message, error) => {
      throw new UsageError(message ?? error.message);
    })
    .parseSync([...words], {}, (_error, _argv, output) => {
      if (output) help = output;
    });
  return help ?? (found as Parsed<Options>);
}

/** @throws UsageError naming the first number that is not an integer ≥ 1, or undefined. */
export function checkPositiveIntegers(
  command: string,
  numbers: Readonly<Record<string, number | undefined>>,
): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (value === undefined || (Number.isInteger(value) && value >= 1)) continue;
    throw new UsageError(`${command}: "${name}" expected an integer >= 1, got ${value}`);
  }
}

/** @throws UsageError if the option `only` is not a regular expression. */
export function parsePattern(command: string, text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new UsageError(
      `${command}: "only" expected a regular expression, got ${text}: ${(error as Error).message}`,
    );
  }
}
