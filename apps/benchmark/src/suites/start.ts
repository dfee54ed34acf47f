import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { writeShopLog } from '@gru4rec/synthetic';
import type { ComparisonRow } from '../comparison.ts';
import { inTemporaryFolder } from '../temporary-folder.ts';
import { type ContestOptions, measureContest, measureEach } from './contest.ts';

const EVENTS = 5000;
const root = fileURLToPath(new URL('../../../../', import.meta.url));
const script = join(root, 'scripts', 'start.mjs');
const throughNpm = ['npm', '--silent', '--prefix', root, 'start', '--'] as const;
const trainer = [process.execPath, script] as const;
const version = ['--version'];
const recommend = ['recommend', 'model', '--sessions', 'sessions.jsonl', '--json'];

/** Command lines with their limits, in seconds from the shell to the end. */
const rows = [
  { name: 'npm start -- --version', command: [...throughNpm, ...version], bound: 1 },
  { name: 'trainer --version', command: [...trainer, ...version], bound: 0.35 },
  { name: 'npm start -- recommend', command: [...throughNpm, ...recommend], bound: 0.8 },
] as const;

/** Measures the time from the shell to the end of commands that do little more than start. */
export async function measureStarts(options: ContestOptions): Promise<ComparisonRow[]> {
  if (!rows.some(({ name }) => options.only.test(name))) return [];
  return inTemporaryFolder('benchmark-start', async (folder) => {
    await makeModel(folder, options.events ?? EVENTS);
    return measureEach(rows, options.only, async ({ name, command, bound }) => {
      const goal = { bound, text: `≤ ${bound} s` };
      const contest = { suite: 'start', name, unit: 's', better: 'less', goal, goalOf: 'figure' } as const;
      const take = async () => {
        const start = performance.now();
        const { length } = await runCommand(command, folder);
        return { value: (performance.now() - start) / 1000, correctness: { characters: length } };
      };
      // The first run reads files from disk, so it is not counted.
      await take();
      return measureContest({ ...contest, engine: 'one process' }, [{ name: 'ours', take }], options);
    });
  });
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
  const train = ['train', 'data', '--output', 'model', '--epochs', '1', '--set', 'layers=16'];
  await runCommand([...trainer, ...train], folder);
}

/**
 * @returns the standard output.
 * @throws Error with the standard error if the command fails.
 */
async function runCommand([file, ...args]: readonly [string, ...string[]], folder: string): Promise<string> {
  return (await promisify(execFile)(file, args, { cwd: folder })).stdout;
}
