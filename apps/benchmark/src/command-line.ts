import { EngineUnavailableError } from '@gru4rec/program';
import type { Argv } from 'yargs';

export interface Surroundings {
  readonly resolvePath: (path: string) => string;
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** A wrong command line. Only its message is printed. */
export class UsageError extends Error {}

/** Why a command cannot do its work here. Only its message is printed. */
export class Failure extends Error {}

type Parsed<Options> = Options & Readonly<Record<string, unknown>>;

export type ArgumentsOf<Make> = Make extends () => Argv<infer Options> ? Parsed<Options> : never;

/** Returns the exit status: `run`'s, 1 for a {@link Failure} or an engine that cannot run here, 2 for a {@link UsageError}. */
export async function runCommand<Options>(
  name: string,
  parser: Argv<Options>,
  words: readonly string[],
  { print, complain }: Pick<Surroundings, 'print' | 'complain'>,
  run: (found: Parsed<Options>) => Promise<number> | number,
): Promise<number> {
  let help: string | undefined;
  const strict = parser.scriptName(name).locale('en').wrap(80).strict().version(false).exitProcess(false);
  const failing = strict.fail((message, error) => {
    throw new UsageError(message ?? error.message);
  });
  try {
    const parsed = failing.parseSync([...words], {}, (_error, _argv, output) => {
      if (output) help = output;
    });
    if (help === undefined) return await run(parsed as Parsed<Options>);
    print(help);
    return 0;
  } catch (error) {
    if (error instanceof EngineUnavailableError) complain(`${name}: ${error.message}`);
    else if (error instanceof UsageError || error instanceof Failure) complain(error.message);
    else throw error;
    return error instanceof UsageError ? 2 : 1;
  }
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
    const { message } = error as Error;
    throw new UsageError(`${command}: "only" expected a regular expression, got ${text}: ${message}`);
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * The work ends its children and removes its files at the first signal, and then the process ends by it. Later ones do not
 * interrupt this: a terminal and pnpm both send one at Ctrl+C.
 * @throws what `work` throws, unless it was interrupted.
 */
export async function untilSignal(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const interruption = new AbortController();
  const interrupt = (name: NodeJS.Signals): void => interruption.abort(name);
  for (const name of signals) process.on(name, interrupt);
  try {
    await work(interruption.signal);
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
  } finally {
    for (const name of signals) process.off(name, interrupt);
  }
  if (interruption.signal.aborted) process.kill(process.pid, interruption.signal.reason);
}
