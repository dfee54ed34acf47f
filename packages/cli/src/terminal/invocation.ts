import { readFileSync } from 'node:fs';

/** Quoted for a shell. `program` comes first: `programName()` if the user is to type it. */
export function commandLine(argv: readonly string[], program: string = binaryName()): string {
  return [program, ...argv.map(quoted)].join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** For relative paths. pnpm and npm run the trainer in its package's folder and set INIT_CWD to the user's; `gru4rec` stays. */
export function userDirectory(
  environment: Environment = process.env,
  argv: readonly string[] = process.argv,
): string {
  const typed = binaryName(argv) === 'trainer' ? environment['INIT_CWD'] : undefined;
  return typed || process.cwd();
}

export function wantsStacks(environment: Environment = process.env): boolean {
  return ['1', 'true'].includes(environment['GRU4REC_DEBUG'] ?? '');
}

function binaryName([, script = '']: readonly string[] = process.argv): string {
  return /[\\/]gru4rec(\.[jt]s)?$/.test(script) ? 'gru4rec' : 'trainer';
}

/** What the user types before a command. */
export function programName(
  environment: Environment = process.env,
  argv: readonly string[] = process.argv,
): string {
  const { npm_lifecycle_event: event, npm_package_name: name } = environment;
  const [, script = ''] = argv;
  const binary = binaryName(argv);
  if (binary === 'gru4rec') return event === 'npx' ? 'npx gru4rec' : binary;
  const isOurs = ['gru4rec-monorepo', '@gru4rec/trainer'].includes(name ?? '');
  if (event !== 'start' || !isOurs) return script.endsWith('start.mjs') ? `node ${quoted(script)}` : binary;
  const isPnpm = environment['npm_config_user_agent']?.startsWith('pnpm/') === true;
  if (name === '@gru4rec/trainer') return isPnpm ? 'pnpm --silent --filter trainer start' : 'npm start --';
  return isPnpm ? 'pnpm start' : 'npm start --';
}

export function readVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
