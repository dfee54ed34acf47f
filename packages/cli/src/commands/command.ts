import type { ArgumentsCamelCase, Argv } from 'yargs';
import type { Terminal } from '../terminal/terminal.ts';

/** The options of a command and its work. Its name and description are in the command table. */
export interface Command<T = object> {
  builder(yargs: Argv, terminal: Terminal): Argv<T>;
  /** @param argv - the whole command line, for reports. */
  handler(args: ArgumentsCamelCase<T>, terminal: Terminal, argv: readonly string[]): unknown;
}

/** The arguments of a command, by the function that describes its options. */
export type ArgumentsOf<Describe extends (...given: never[]) => Argv<object>> =
  ReturnType<Describe> extends Argv<infer Given> ? ArgumentsCamelCase<Given> : never;
