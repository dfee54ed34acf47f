import { ConfigError } from '@gru4rec/model';
import { OriginalFormatError } from '@gru4rec/original';
import yargs, { type ArgumentsCamelCase, type CommandModule } from 'yargs';
import { compareCommand } from './commands/compare.ts';
import { demoCommand } from './commands/demo.ts';
import { enginesCommand } from './commands/engines.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { explainCommand } from './commands/explain.ts';
import { exportCommand } from './commands/export.ts';
import { importCommand } from './commands/import.ts';
import { prepareCommand, runPrepare } from './commands/prepare.ts';
import { recommendCommand } from './commands/recommend.ts';
import { setUpCommand } from './commands/setup.ts';
import { trainCommand } from './commands/train.ts';
import { tuneCommand } from './commands/tune.ts';
import { describeError } from './describe-error.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { readVersion } from './version.ts';

const commandNames = [
  'prepare',
  'train',
  'evaluate',
  'compare',
  'tune',
  'recommend',
  'explain',
  'export',
  'import',
  'engines',
  'setup',
  'demo',
] as const;

/** What a command line asks for: a text, or work to be done. */
interface Request {
  readonly text: string;
  readonly work: (() => unknown) | undefined;
}

/**
 * Runs one command line.
 *
 * @param argv - without the names of Node and script.
 * @returns exit code: 0, 1 for a failure, 2 for a wrong command line or configuration.
 */
export async function runCli(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { stdout, stderr } = terminal;
  let request: Request;
  try {
    request = await parse(argv, terminal);
  } catch (error) {
    stderr.write(`${withoutTwins(describeError(error))}\n${hint(argv)}\n`);
    return 2;
  }
  try {
    if (request.text !== '') stdout.write(`${request.text}\n`);
    await request.work?.();
    return 0;
  } catch (error) {
    stderr.write(`${describeError(error)}\n${error instanceof UsageError ? `${hint(argv)}\n` : ''}`);
    const usage = [UsageError, ConfigError, OriginalFormatError].some((kind) => error instanceof kind);
    return usage ? 2 : 1;
  }
}

/** Reads a command line without doing what it asks for, so that every error up to here is one of usage. */
async function parse(argv: readonly string[], terminal: Terminal): Promise<Request> {
  checkCommandName(argv);
  let text = '';
  let work: Request['work'];
  const postpone = <T>(module: CommandModule<object, T>): CommandModule<object, T> => ({
    ...module,
    handler(args: ArgumentsCamelCase<T>) {
      work = () => module.handler(args);
    },
  });
  const { columns = 100 } = terminal.stdout;
  await yargs()
    .scriptName('trainer')
    .locale('en')
    .usage('$0 <command>\n\nFrom a log of clicks to an evaluated GRU4Rec.')
    .command(postpone({ ...prepareCommand, handler: (args) => runPrepare(args, terminal) }))
    .command(postpone(trainCommand(terminal)))
    .command(postpone(evaluateCommand(terminal, argv)))
    .command(postpone(compareCommand(terminal, argv)))
    .command(postpone(tuneCommand(terminal)))
    .command(postpone(recommendCommand(terminal)))
    .command(postpone(explainCommand(terminal)))
    .command(postpone(exportCommand(terminal)))
    .command(postpone(importCommand(terminal)))
    .command(postpone(enginesCommand(terminal)))
    .command(postpone(setUpCommand(terminal)))
    .command(postpone(demoCommand(terminal)))
    .epilogue('trainer COMMAND --help tells more and gives examples.')
    .strict()
    .fail(false)
    .exitProcess(false)
    .help()
    .version(readVersion())
    .wrap(Math.min(100, columns))
    .parseAsync(argv, {}, (_error: unknown, _args: unknown, output: string) => {
      text = output;
    });
  return { text, work };
}

/** yargs would hand a misspelt command to the default one. */
function checkCommandName([name]: readonly string[]): void {
  if (name === undefined || name.startsWith('-') || (commandNames as readonly string[]).includes(name))
    return;
  throw new UsageError(
    `Unknown command ${JSON.stringify(name)}; the commands are ${commandNames.join(', ')}`,
  );
}

/** yargs names an unknown option twice, the second time in camel case. */
function withoutTwins(line: string): string {
  const [, list] = /^Unknown arguments: (.*)$/.exec(line) ?? [];
  if (list === undefined) return line;
  const names = list.split(', ');
  const isTwin = (name: string) =>
    names.some(
      (other) => other.replace(/-+(\w)/g, (_, c: string) => c.toUpperCase()) === name && other !== name,
    );
  const own = names.filter((name) => !isTwin(name));
  return `Unknown argument${own.length === 1 ? '' : 's'}: ${own.join(', ')}`;
}

function hint([name]: readonly string[]): string {
  const command = commandNames.find((known) => known === name);
  return `See trainer ${command === undefined ? '' : `${command} `}--help`;
}
