import type { ArgumentsCamelCase, Argv } from 'yargs';

/** The options of a command and its work. Its name and description are in the command table. */
export interface Command<T> {
  builder(yargs: Argv): Argv<T>;
  handler(args: ArgumentsCamelCase<T>): unknown;
}
