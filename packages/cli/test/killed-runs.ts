import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, type TestContext } from 'vitest';
import { fromSources, makeFolder, type Outcome, packageFolder } from './run-trainer.ts';

const hook = new URL('kill-hook.mjs', import.meta.url).href;
const nextMain = fileURLToPath(new URL('next-main.ts', import.meta.url));

// Variables, because knip takes a literal command name for a missing package.
const [unshare] = ['unshare'] as const;

/** Runs a program under another host name in its own process namespace, whose ids start at 1. */
function elsewhere(host: string, ...argv: readonly string[]): readonly string[] {
  const script = 'hostname "$0" && "$@"; exit $?';
  return [unshare, '--uts', '--pid', '--fork', 'sh', '-c', script, host, process.execPath, ...argv];
}

const isPossible = spawnSync(unshare, ['--uts', '--pid', '--fork', 'true']).status === 0;

/** Skips the test with its reason if no process can have another host name. */
export function needsHosts(ctx: TestContext): void {
  if (!isPossible) ctx.skip('unshare --uts --pid takes Linux and root');
}

/** A run that was killed, or that completed because it had no such step. */
interface KilledRun {
  readonly signal: string | null;
  readonly stderr: string;
  /** Each step with a name in the folder: `rename data/x data/y`. */
  readonly steps: readonly string[];
  /** The process id, which a later run reuses. */
  readonly pid: number;
}

/** Runs a command line on host `first` and kills it right before step `at`, from 1; 0 is never. */
async function runUntil(folder: string, at: number, argv: readonly string[]): Promise<KilledRun> {
  const log = `${folder}.steps`;
  rmSync(log, { force: true });
  const [command = '', ...rest] = elsewhere(
    'first',
    ...fromSources('src/main.ts', '--import', hook),
    ...argv,
  );
  const child = spawn(command, rest, {
    cwd: packageFolder,
    env: { ...process.env, INIT_CWD: folder, KILL_FOLDER: folder, KILL_AT: String(at), KILL_LOG: log },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [stderr, code] = await Promise.all([text(child.stderr), ended(child)]);
  const lines = existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : [];
  rmSync(log, { force: true });
  const steps = lines.map((line) => line.slice(line.indexOf(' ') + 1));
  // A shell's exit code for a child killed by SIGKILL.
  return { signal: code === 137 ? 'SIGKILL' : null, stderr, steps, pid: Number.parseInt(lines[0] ?? '', 10) };
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => child.on('close', resolve).on('error', reject));
}

/** A process on host `second` that runs command lines one after another; see next-main.ts. */
export interface SecondHost {
  readonly pid: number;
  readonly host: string;
  readonly run: (folder: string, argv: readonly string[]) => Promise<Outcome>;
}

/** Starts the process before the tests of a file, and ends it after them. */
export function useSecondHost(): () => SecondHost {
  let second: SecondHost | undefined;
  let child: ChildProcess | undefined;
  beforeAll(async () => {
    if (!isPossible) return;
    const [command = '', ...rest] = elsewhere('second', ...fromSources(nextMain));
    child = spawn(command, rest, { cwd: packageFolder, stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdin, stdout } = child;
    if (!stdin || !stdout) throw new Error('no pipes');
    const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
    const answer = async () => JSON.parse((await lines.next()).value as string);
    const { pid, host } = await answer();
    const run = async (folder: string, argv: readonly string[]): Promise<Outcome> => {
      stdin.write(`${JSON.stringify([folder, ...argv])}\n`);
      return answer();
    };
    second = { pid, host, run };
  }, 60_000);
  afterAll(() => void child?.stdin?.end());
  return () => {
    if (!second) throw new Error('there is no second host');
    return second;
  };
}

/** A command, and how to check its output. */
export interface Scenario {
  /** The command line that is killed. */
  readonly argv: readonly string[];
  /** The next command line; by default the same. */
  readonly next?: readonly string[];
  /** Folders and files that the command writes, relative to the test's folder. */
  readonly outputs: readonly string[];
  /** Says which output exists. Throws if it is incomplete or mixes two runs. */
  readonly look: (folder: string) => Promise<'old' | 'new' | 'none'>;
  /** True if the output may be missing between two renames, until the next run. */
  readonly hasGap?: boolean;
}

/** The failure after a kill at a step. */
export interface Finding {
  readonly step: string;
  readonly problem: string;
}

/**
 * Kills a command before each step that `wanted` selects, each time in a copy of a folder, then runs the next command.
 *
 * @returns the steps, and the failures with their steps.
 */
export async function killAtEach(
  from: string,
  scenario: Scenario,
  second: SecondHost,
  wanted: (step: string) => boolean = () => true,
): Promise<{ readonly steps: readonly string[]; readonly findings: readonly Finding[] }> {
  const { steps, stderr } = await inCopy(from, (folder) => runUntil(folder, 0, scenario.argv));
  if (steps.length === 0) throw new Error(`no steps: ${stderr}`);
  const findings: Finding[] = [];
  for (const [index, step] of steps.entries()) {
    if (!wanted(step)) continue;
    const problem = await inCopy(from, (folder) => killAndLook(folder, index + 1, scenario, second));
    if (problem !== undefined) findings.push({ step: `${index + 1} ${step}`, problem });
  }
  return { steps, findings };
}

async function killAndLook(
  folder: string,
  at: number,
  { argv, next = argv, outputs, look, hasGap = false }: Scenario,
  second: SecondHost,
): Promise<string | undefined> {
  const killed = await runUntil(folder, at, argv);
  if (killed.signal !== 'SIGKILL') return `not killed: ${killed.stderr}`;
  if (killed.pid !== second.pid) return `process ${killed.pid} was not that of the next run, ${second.pid}`;
  const before = await look(folder).catch((error: Error) => `broken: ${error.message}`);
  if (before !== 'old' && before !== 'new' && !(hasGap && before === 'none'))
    return `after the kill: ${before}`;
  const { code, stderr } = await second.run(folder, next);
  if (code !== 0) return `next run: ${code} ${stderr}`;
  const after = await look(folder).catch((error: Error) => `broken: ${error.message}`);
  if (after !== 'new') return `after the next run: ${after}`;
  const left = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => /(^|[/\\])\./.test(name));
  const others = readdirSync(folder).filter((name) => !outputs.includes(name) && !name.startsWith('given'));
  return left.length + others.length > 0 ? `left behind: ${[...left, ...others].join(', ')}` : undefined;
}

async function inCopy<Result>(from: string, work: (folder: string) => Promise<Result>): Promise<Result> {
  const place = makeFolder(() => {});
  try {
    const folder = join(place, 'run');
    cpSync(from, folder, { recursive: true });
    return await work(folder);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
