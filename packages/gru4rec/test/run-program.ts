import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { prepare } from '../src/when-called.ts';
import { clicksCsv } from './clicks-csv.ts';

const own = fileURLToPath(new URL('..', import.meta.url));

/** Text of the program that the README of the repository shows. */
export const program: string = readFileSync(new URL('./program.ts', import.meta.url), 'utf8');

/**
 * Runs the program in a folder with a log of clicks, until it serves.
 * @param argv - of a runtime, without the file.
 * @returns the process, its folder, the URL of the server and what was printed.
 */
export async function runProgram(command: string, argv: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'gru4rec-program-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(own, join(folder, 'node_modules', 'gru4rec'), 'junction');
  writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}'); // as npm init writes it
  writeFileSync(join(folder, 'shop.mjs'), program.replace('port: 8080', 'port: 0'));
  writeFileSync(join(folder, 'clicks.csv'), clicksCsv());
  // As after a first run.
  await prepare({ inputs: [join(folder, 'clicks.csv')], output: join(folder, 'data') });

  const child: ChildProcess = spawn(command, [...argv, 'shop.mjs'], {
    ...{ cwd: folder, env: { ...process.env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let printed = '';
  await new Promise<void>((resolve) => {
    child.on('close', () => resolve());
    child.stderr?.on('data', (more) => {
      printed += more;
    });
    child.stdout?.on('data', (more) => {
      printed += more;
      if (printed.includes('Serving at ')) resolve();
    });
  });
  expect(printed).toMatch(/cutoff: 20,\n +recall: 0\.\d+/);
  const itemIds = Array.from(printed.matchAll(/ id: ['"](\d{9})['"]/g), ([, itemId = '']) => itemId);
  expect(itemIds).toHaveLength(3);
  const [, url = ''] = /Serving at (http:\/\/127\.0\.0\.1:\d+)\n/.exec(printed) ?? [];
  expect(url).not.toBe('');
  return { child, folder, url, itemIds };
}
