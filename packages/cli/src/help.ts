import { commandTable } from './command-table.ts';
import { programName } from './terminal/invocation.ts';

/** The help text without a command: all commands in groups, in 23 lines of at most 80 characters. */
export function overview(): string {
  const groups = [...new Set(commandTable.map(({ group }) => group))].map((group) => {
    const lines = commandTable
      .filter((entry) => entry.group === group)
      .map(({ name, describe }) => `  ${name.padEnd(10)} ${describe}`);
    return [`${group}:`, ...lines].join('\n');
  });
  return [
    `${programName()} COMMAND [options]`,
    ...groups,
    'Options:\n  -h, --help  This text, or the options of a command    --version  The version',
  ].join('\n');
}

/**
 * A help text of yargs without the types of options, which often take a line each. A value has the form that its
 * description says, and an option without one is a flag.
 */
export function withoutTypes(help: string): string {
  return help
    .split('\n')
    .map((line) => ({ line, short: line.replaceAll(/ *\[(?:string|boolean|array)\]/g, '') }))
    .filter(({ line, short }) => short !== '' || line === '')
    .map(({ short }) => short)
    .join('\n');
}
