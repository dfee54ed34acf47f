import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { ClickTask } from './click-process.ts';

/** A process that clicks. */
export interface Clicking {
  readonly child: ChildProcess;
  /** Acknowledged clicks so far: session, item, whether it was repeated. */
  acknowledged(): string[][];
  /** Kills it by `kill -9`. */
  kill(): Promise<void>;
}

/** Starts a process that clicks until it is killed, and waits until it has opened the folder. */
export async function startClicking(task: ClickTask): Promise<Clicking> {
  const program = fileURLToPath(new URL('./click-process.mjs', import.meta.url));
  const words = ['--conditions=@gru4rec/source', program, JSON.stringify(task)];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (text) => {
    output += String(text);
  });
  while (!output.includes('\n')) await once(child.stdout, 'data');
  return {
    child,
    acknowledged() {
      const lines = output.split('\n').slice(1, -1);
      return lines.map((line) => line.split(' '));
    },
    async kill() {
      const ended = once(child, 'close');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
