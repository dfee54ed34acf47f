import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

function start(output: string): ChildProcess {
  const words = ['--only', 'shop', '--shop-events', '1500', '--shop-items', '40', '--budget', '0.001'];
  const flags = ['--import', tsx, '--conditions=@gru4rec/source', 'src/main.ts', 'study'];
  return spawn(process.execPath, [...flags, ...words, '--seeds', '1', '--threads', '1', '--output', output], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** Sends a signal when a line contains a text. @returns all lines, and how the process ended. */
async function endAt(child: ChildProcess, marker: string, signal: NodeJS.Signals) {
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.on('close', (code, by) => resolve(by ?? code)),
  );
  let lines = '';
  child.stderr?.on('data', (bytes: Buffer) => {
    lines += String(bytes);
    if (lines.includes(marker)) child.kill(signal);
  });
  return { how: await ended, lines };
}

describe('study', () => {
  it('goes on after SIGINT and kill -9, without tuning again what was tuned', async () => {
    const output = mkdtempSync(join(tmpdir(), 'study-kill-'));
    onTestFinished(() => rmSync(output, { recursive: true, force: true }));
    const interrupted = await endAt(start(output), 'tuning S-KNN', 'SIGINT');
    expect(interrupted.how).toBe('SIGINT');
    const killed = await endAt(start(output), 'tuning GRU4Rec cross-entropy', 'SIGKILL');
    expect(killed.how).toBe('SIGKILL');
    expect(killed.lines).not.toContain('tuning SR');
    const last = start(output);
    const [lines, code] = await Promise.all([
      text(last.stderr ?? process.stdin),
      new Promise((resolve) => last.on('close', resolve)),
    ]);
    expect(code).toBe(0);
    expect(lines).not.toMatch(/tuning (SR|S-KNN|VSTAN)/);
    expect(lines).toContain('The study is in ');
  });
});
