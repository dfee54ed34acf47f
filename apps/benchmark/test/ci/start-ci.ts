import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const app = fileURLToPath(new URL('../../', import.meta.url));

/** The command `ci` on this repository, with its own temporary folder. */
export interface RunningCi {
  readonly child: ChildProcess;
  /** The trees of earlier code that exist now. */
  readonly trees: () => string[];
  /** Standard output and error so far. */
  readonly written: () => string;
}

/** Starts it as its package does. */
export function startCi(...words: string[]): RunningCi {
  const folder = mkdtempSync(join(tmpdir(), 'benchmark-ci-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const start = ['--import', 'tsx', '--conditions=@gru4rec/source', 'src/main.ts', 'ci'];
  const env = { ...process.env, TMPDIR: folder, TEMP: folder, NODE_OPTIONS: '' };
  const child = spawn(process.execPath, [...start, ...words], { cwd: app, env });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
  }
  const trees = () => readdirSync(folder).filter((name) => name.startsWith('gru4rec-before-'));
  return { child, trees, written: () => text };
}
