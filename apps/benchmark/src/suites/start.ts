import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { writeShopLog } from '@gru4rec/synthetic';
import { calibrated } from '../calibration.ts';
import { type ComparisonRow, type Contest, type Contestant, contested, takeTurns } from '../comparison.ts';
import { peakMiB } from '../environment.ts';
import type { ContestOptions } from './contest.ts';

const EVENTS = 5000;
const root = fileURLToPath(new URL('../../../../', import.meta.url));
const script = join(root, 'scripts', 'start.mjs');
const throughNpm = ['npm', '--silent', '--prefix', root, 'start', '--'];
const trainer = [process.execPath, script];
const version = ['--version'];
const recommend = ['recommend', '--model', 'model', '--sessions', 'sessions.jsonl', '--json'];

/** Command lines with their limits, in seconds from the shell to the end. */
const rows = [
  { name: 'npm start -- --version', command: [...throughNpm, ...version], bound: 1 },
  { name: 'trainer --version', command: [...trainer, ...version], bound: 0.35 },
  { name: 'npm start -- recommend', command: [...throughNpm, ...recommend], bound: 0.8 },
] as const;

/** Measures the time from the shell to the end of commands that do little more than start. */
export async function measureStarts(options: ContestOptions): Promise<ComparisonRow[]> {
  const chosen = rows.filter(({ name }) => options.only.test(name));
  if (chosen.length === 0) return [];
  const folder = mkdtempSync(join(tmpdir(), 'benchmark-start-'));
  try {
    await makeModel(folder, options.events ?? EVENTS);
    const measured: ComparisonRow[] = [];
    for (const row of chosen) measured.push(await measureRow(row, folder, options));
    return measured;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measureRow(
  { name, command, bound }: (typeof rows)[number],
  folder: string,
  { rounds, onTurn }: ContestOptions,
): Promise<ComparisonRow> {
  const goal = { bound, text: `≤ ${bound} s` };
  const contest: Contest = { suite: 'start', name, unit: 's', better: 'less', goal, goalOf: 'figure' };
  const ours: Contestant = {
    name: 'ours',
    async take() {
      const start = performance.now();
      const { length } = await runCommand(command, folder);
      return { value: (performance.now() - start) / 1000, correctness: { characters: length } };
    },
  };
  // The first run reads files from disk, so it is not counted.
  await ours.take();
  const measured = await calibrated(async () => {
    const { all } = await takeTurns([ours], rounds, (_, { value }) =>
      onTurn?.(`start ${name}: ${value.toFixed(2)} s`),
    );
    return contested(contest, all);
  });
  return { ...measured, engine: 'one process', missing: [], peakMiB: peakMiB() };
}

async function makeModel(folder: string, events: number): Promise<void> {
  const log = join(folder, 'log.tsv');
  await writeShopLog(log, { events, items: 500, seed: 1 });
  const items = readFileSync(log, 'utf8')
    .split('\n')
    .slice(1, 21)
    .map((line) => line.split('\t')[1]);
  writeFileSync(join(folder, 'sessions.jsonl'), `${JSON.stringify({ session: '1', items })}\n`);
  await runCommand([...trainer, 'prepare', '--input', 'log.tsv', '--output', 'data'], folder);
  const train = ['train', '--data', 'data', '--output', 'model', '--epochs', '1', '--set', 'layers=16'];
  await runCommand([...trainer, ...train], folder);
}

/** @returns the standard output. */
async function runCommand(command: readonly string[], folder: string): Promise<string> {
  const [file = '', ...args] = command;
  const child = spawn(file, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, complaints, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  if (code !== 0) throw new Error(`start: ${args.join(' ')} ended with ${code}: ${complaints.trim()}`);
  return output;
}
