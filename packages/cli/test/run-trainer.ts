import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import { runCli } from '../src/cli.ts';

/** The outcome of a command line. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The folder of this package, in which its programs start. */
export const packageFolder = fileURLToPath(new URL('..', import.meta.url));

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** Arguments of Node that run the command line, or another program, from its sources. */
export const fromSources = (program = 'src/main.ts', ...flags: readonly string[]): readonly string[] => [
  ...['--import', tsx, '--conditions=@gru4rec/source', ...flags, program],
];

/** Creates a folder, which is removed after the test or when `cleanUp` calls back. */
export function makeFolder(cleanUp: (remove: () => void) => void = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), 'gru4rec-trainer-'));
  cleanUp(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs a command line within this process. */
export function runHere(directory: string, ...argv: string[]): Promise<Outcome> {
  return runWatched(directory, argv, () => {});
}

/** Runs a command line within this process, which waits while `onLine` gets what it prints on its standard error. */
export async function runWatched(
  directory: string,
  argv: readonly string[],
  onLine: (text: string) => void,
): Promise<Outcome> {
  const [stdout, stderr] = [new Sink(), new Sink(onLine)];
  const code = await runCli(argv, { stdout, stderr, directory });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/**
 * Runs a command line that must succeed, within this process.
 * @param line - words without blanks, to which `more` is added.
 * @throws Error with its standard error if it fails.
 */
export async function ok(directory: string, line: string, ...more: string[]): Promise<Outcome> {
  const outcome = await runHere(directory, ...line.split(' '), ...more);
  if (outcome.code !== 0) throw new Error(`${line}: ${outcome.stderr}`);
  return outcome;
}

/** Runs a command line as `pnpm start` does: in the package's folder, with the user's in INIT_CWD. */
export async function spawnTrainer(directory: string, ...argv: string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [...fromSources(), ...argv], {
    cwd: packageFolder,
    env: { ...process.env, INIT_CWD: directory },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) =>
    child.on('close', resolve).on('error', reject),
  );
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

/** Starts a command line in a process that receives signals directly; its standard error is a pipe. */
export function startTrainer(directory: string, ...argv: string[]): ChildProcess {
  return spawn(process.execPath, [...fromSources(), ...argv], {
    cwd: packageFolder,
    env: { ...process.env, INIT_CWD: directory },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** The content of a folder: each file's bytes by its path; folders are null. */
export function contentsOf(folder: string): Record<string, string | null> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) =>
    join(entry.parentPath, entry.name),
  );
  return Object.fromEntries(
    paths.map((path) => [
      relative(folder, path),
      statSync(path).isDirectory() ? null : readFileSync(path, 'base64'),
    ]),
  );
}

/** Collects its output. */
export class Sink extends Writable {
  text = '';
  readonly #onWrite: (text: string) => void;

  constructor(onWrite: (text: string) => void = () => {}) {
    super();
    this.#onWrite = onWrite;
  }

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.text += String(chunk);
    this.#onWrite(String(chunk));
    done();
  }
}
