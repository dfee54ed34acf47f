/**
 * A command line of the trainer as a shell takes it, so that a report can be repeated.
 *
 * @param program - what comes ahead of the command; `programName()` where it is printed to be typed.
 */
export function commandLine(argv: readonly string[], program = 'trainer'): string {
  return [program, ...argv.map(quoted)].join(' ');
}

/** A word as a shell takes it. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where the user stands: pnpm and npm run a script in its package's folder, and say in INIT_CWD where they were called.
 */
export function userDirectory(environment: Environment = process.env): string {
  return environment['INIT_CWD'] || process.cwd();
}

/** Whether GRU4REC_DEBUG asks for the stacks of errors. */
export function wantsStacks(environment: Environment = process.env): boolean {
  return ['1', 'true'].includes(environment['GRU4REC_DEBUG'] ?? '');
}

/**
 * What the user types ahead of a command: as npm and pnpm say it that started this process, else the script, else
 * `trainer`.
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
