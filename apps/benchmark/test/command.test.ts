import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { runCiCommand } from '../src/ci/command.ts';
import { runBenchmark } from '../src/command.ts';
import { runCudaPackCommand } from '../src/cuda-pack.ts';
import { runFieldCommand } from '../src/field/command.ts';
import { runGoldenCommand } from '../src/golden/command.ts';

const commands = {
  start: runBenchmark,
  'cuda-pack': runCudaPackCommand,
  field: runFieldCommand,
  ci: runCiCommand,
  golden: runGoldenCommand,
};

it.each(Object.entries(commands))('README shows %s with options that it has', async (name, command) => {
  const help: string[] = [];
  const print = (text: string) => void help.push(text);
  expect(await command(['--help'], { resolvePath: String, print, complain: print })).toBe(0);
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const lines = readme.match(new RegExp(`^pnpm (?:--filter benchmark )?(?:run )?${name}\\b.*`, 'gm')) ?? [];
  const options = lines.flatMap((line) => line.replace(/^pnpm --filter|#.*/g, '').match(/--[a-z-]+/g) ?? []);
  expect(lines).not.toEqual([]);
  expect(options.filter((option) => !help.join().includes(option))).toEqual([]);
});
