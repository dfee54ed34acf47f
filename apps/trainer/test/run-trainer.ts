import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import { runCli } from '../src/cli.ts';

/** What a command line left behind. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder of its own, gone after the test, or when `cleanUp` says so. */
export function makeFolder(cleanUp: (remove: () => void) => void = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), 'gru4rec-trainer-'));
  cleanUp(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs a command line within this process. */
export async function runHere(directory: string, ...argv: string[]): Promise<Outcome> {
  const [stdout, stderr] = [new Sink(), new Sink()];
  const code = await runCli(argv, { stdout, stderr, directory });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** Runs a command line as `pnpm start` does: in the package's folder, with the user's in INIT_CWD. */
export async function spawnTrainer(directory: string, ...argv: string[]): Promise<Outcome> {
  const tsx = createRequire(import.meta.url).resolve('tsx/cli');
  const child = spawn(process.execPath, [tsx, '--conditions=@gru4rec/source', 'src/main.ts', ...argv], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, INIT_CWD: directory },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) =>
    child.on('close', resolve).on('error', reject),
  );
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

/** Starts a command line whose process is the one that a signal is sent to; its standard error is a pipe. */
export function startTrainer(directory: string, ...argv: string[]): ChildProcess {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const flags = ['--import', tsx, '--conditions=@gru4rec/source'];
  return spawn(process.execPath, [...flags, 'src/main.ts', ...argv], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, INIT_CWD: directory },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** Keeps what is written to it. */
export class Sink extends Writable {
  text = '';

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.text += String(chunk);
    done();
  }
}
