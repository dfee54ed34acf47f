import type { Argv } from 'yargs';

/** A wrong command line. Only its message is printed. */
export class UsageError extends Error {}

/**
 * Parses a command line strictly by the options that a parser declares, without printing or ending the process.
 *
 * @returns the arguments, or the help text if it was requested.
 * @throws UsageError naming what is wrong.
 */
export function parseWords<Options>(
  parser: Argv<Options>,
  words: readonly string[],
): (Options & Readonly<Record<string, unknown>>) | string {
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
  return help ?? (found as Options & Readonly<Record<string, unknown>>);
}
