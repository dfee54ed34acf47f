import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { ClickTask } from './click-process.ts';

/** A process that clicks. */
export interface Clicking {
  /** Acknowledged clicks so far: session, item, whether it was repeated. */
  acknowledged(): string[][];
  /** Kills it by `kill -9`. @throws Error if it has ended by itself. */
  kill(): Promise<void>;
}

/**
 * Starts a process that clicks until it is killed, and waits until it has opened the folder.
 * @throws Error if it cannot open it; the reason is on standard error.
 */
export async function startClicking(task: ClickTask): Promise<Clicking> {
  const program = fileURLToPath(new URL('./click-process.mjs', import.meta.url));
  const words = ['--conditions=@gru4rec/source', program, JSON.stringify(task)];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'close');
  let output = '';
  child.stdout.on('data', (text) => {
    output += String(text);
  });
  while (!output.includes('\n')) {
    const [code] = await Promise.race([once(child.stdout, 'data'), ended]);
    if (typeof code === 'number') throw new Error(`The process of ${task.name} ended with exit code ${code}`);
  }
  return {
    acknowledged() {
      const lines = output.split('\n').slice(1, -1);
      return lines.map((line) => line.split(' '));
    },
    async kill() {
      child.kill('SIGKILL');
      const [code] = await ended;
      if (code !== null)
        throw new Error(`The process of ${task.name} ended by itself with exit code ${code}`);
    },
  };
}
