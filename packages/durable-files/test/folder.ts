import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';

/** A folder that is removed after the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gru4rec-durable-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** Starts a program, which is killed after the test. @returns it, and its end: the exit code or the signal. */
export function startProgram(file: URL, ...args: readonly string[]) {
  const flags = ['--import', tsx, '--conditions=@gru4rec/source', fileURLToPath(file)];
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, [...flags, ...args]);
  const ended = once(child, 'close').then(([code, signal]: (number | string)[]) => code ?? signal);
  onTestFinished(() => void child.kill('SIGKILL'));
  /** Resolves when it has written something. */
  const begun = Promise.race([
    once(child.stdout, 'data'),
    ended.then((end) => Promise.reject(new Error(`ended with ${end} at once`))),
  ]);
  begun.catch(() => undefined);
  const kill = () => {
    child.kill('SIGKILL');
    return ended;
  };
  return { child, begun, ended, kill };
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
