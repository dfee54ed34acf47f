import yargs, { type Argv } from 'yargs';
import { binaryName } from '../terminal/invocation.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Command } from './command.ts';

/** `gru4rec completion`: prints a script with which a shell completes command lines. */
export function completionCommand(terminal: Terminal): Command<object> {
  return {
    builder: describeOptions,
    async handler() {
      terminal.stdout.write(`${await completionScript()}\n`);
    },
  };
}

function describeOptions(options: Argv): Argv<object> {
  return options
    .usage(
      '$0 completion [options]\n\nPrints a script with which bash, zsh or fish, whichever $SHELL names, completes commands, options and values.',
    )
    .example('$0 completion >> ~/.bashrc', '');
}

async function completionScript(): Promise<string> {
  let script = '';
  await yargs()
    .scriptName(binaryName())
    .completion('completion', false)
    .exitProcess(false)
    .parseAsync(['completion'], {}, (_error: unknown, _args: unknown, output: string) => {
      script = output;
    });
  return script;
}
