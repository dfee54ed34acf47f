import type { ArgumentsCamelCase, Argv } from 'yargs';
import type { Terminal } from '../terminal/terminal.ts';

export interface Command<T = object> {
  builder(yargs: Argv, terminal: Terminal): Argv<T>;
  /** @param argv - the whole command line, for reports. */
  handler(args: ArgumentsCamelCase<T>, terminal: Terminal, argv: readonly string[]): unknown;
}

export type ArgumentsOf<Describe extends (...given: never[]) => Argv<object>> =
  ReturnType<Describe> extends Argv<infer Given> ? ArgumentsCamelCase<Given> : never;
