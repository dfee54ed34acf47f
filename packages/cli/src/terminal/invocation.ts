/**
 * A command line of the trainer, quoted for a shell, with which a report can be reproduced.
 *
 * @param program - text before the command; `programName()` if the user is to type it.
 */
export function commandLine(argv: readonly string[], program = 'trainer'): string {
  return [program, ...argv.map(quoted)].join(' ');
}

/** Quotes a word for a shell if necessary. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The folder in which the user started the program. pnpm and npm run a script in the folder of its package, and set INIT_CWD to
 * the user's.
 */
export function userDirectory(environment: Environment = process.env): string {
  return environment['INIT_CWD'] || process.cwd();
}

/** Whether GRU4REC_DEBUG requests stacks of errors. */
export function wantsStacks(environment: Environment = process.env): boolean {
  return ['1', 'true'].includes(environment['GRU4REC_DEBUG'] ?? '');
}

/**
 * What the user types before a command: the npm or pnpm command that started this process, else the script, else `trainer`.
 */
export function programName(
  environment: Environment = process.env,
  [, script = '']: readonly string[] = process.argv,
): string {
  const { npm_lifecycle_event: event, npm_package_name: name } = environment;
  const isOurs = ['gru4rec-monorepo', '@gru4rec/trainer'].includes(name ?? '');
  if (event !== 'start' || !isOurs)
    return script.endsWith('start.mjs') ? `node ${quoted(script)}` : 'trainer';
  const isPnpm = environment['npm_config_user_agent']?.startsWith('pnpm/') === true;
  if (name === '@gru4rec/trainer') return isPnpm ? 'pnpm --silent --filter trainer start' : 'npm start --';
  return isPnpm ? 'pnpm start' : 'npm start --';
}
