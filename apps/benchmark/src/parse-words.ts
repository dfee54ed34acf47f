import type { Argv } from 'yargs';

/** A command line that makes no sense; the message is all there is to say. */
export class UsageError extends Error {}

/**
 * Reads a command line by the options a parser declares, strictly, without printing or leaving the process.
 *
 * @returns what was found, or the help text if that was asked for.
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
