import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, onTestFinished } from 'vitest';
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

/**
 * Runs a command line within this process.
 * @param line - words without blanks, to which `more` is added.
 */
export function runHere(directory: string, line?: string, ...more: readonly string[]): Promise<Outcome> {
  return runWatched(directory, [...(line?.split(' ') ?? []), ...more], () => {});
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

/** As `runHere`. @throws Error with the standard error of a command that fails. */
export async function ok(directory: string, line: string, ...more: readonly string[]): Promise<Outcome> {
  const outcome = await runHere(directory, line, ...more);
  if (outcome.code !== 0) throw new Error(`${line}: ${outcome.stderr}`);
  return outcome;
}

/** As `runHere`. @returns the standard error of a command that fails with this code and prints no result. */
export async function failing(directory: string, line: string, code = 1): Promise<string> {
  const { stderr, ...outcome } = await runHere(directory, line);
  expect(outcome, stderr).toEqual({ code, stdout: '' });
  return stderr;
}

/** As `runHere`, as `pnpm start` does: in a process in the package's folder, with the user's in INIT_CWD. */
export function spawnTrainer(directory: string, line: string): Promise<Outcome> {
  return watchTrainer(directory, line, () => {});
}

/** As `spawnTrainer`. `meet` gets the process and its standard error so far, after each chunk. */
export async function watchTrainer(
  directory: string,
  line: string,
  meet: (child: ChildProcess, stderr: string) => void,
): Promise<Outcome> {
  const child = spawn(process.execPath, [...fromSources(), ...line.split(' ')], {
    cwd: packageFolder,
    env: { ...process.env, INIT_CWD: directory },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
    meet(child, stderr);
  });
  const [stdout, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return { code, stdout, stderr };
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
