import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { runCiCommand } from '../src/ci/command.ts';
import { runBenchmark } from '../src/command.ts';
import { runCudaPackCommand } from '../src/cuda-pack.ts';
import { runFieldCommand } from '../src/field/command.ts';
import { runGoldenCommand } from '../src/golden/command.ts';
import { runPeersCommand } from '../src/peers/command.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const commands = {
  start: runBenchmark,
  peers: runPeersCommand,
  'cuda-pack': runCudaPackCommand,
  field: runFieldCommand,
  ci: runCiCommand,
  golden: runGoldenCommand,
};

it.each(Object.entries(commands))('README shows %s with options that it has', async (name, run) => {
  const out: string[] = [];
  const print = (text: string) => void out.push(text);
  const surroundings = { resolvePath: String, print, complain: print, loadProblem: () => undefined };
  expect(await run(['--help'], surroundings)).toBe(0);
  const lines = readme
    .replace(/\\\n/g, '')
    .match(new RegExp(`^pnpm (?:--filter benchmark )?(?:run )?${name}\\b.*`, 'gm'));
  const options = (lines ?? []).flatMap(
    (line) => line.replace(/^pnpm --filter|#.*/g, '').match(/--[a-z-]+/g) ?? [],
  );
  expect(lines).not.toBeNull();
  expect(options.filter((option) => !out.join('\n').includes(option))).toEqual([]);
});
