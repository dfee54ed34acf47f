import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runCiCommand } from '../src/ci/command.ts';
import { runBenchmark } from '../src/command.ts';
import { runCudaPackCommand } from '../src/cuda-pack.ts';
import { runGoldenCommand } from '../src/golden/command.ts';
import { runPeersCommand } from '../src/peers/command.ts';
import { runStudyCommand } from '../src/study/command.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const folded = (text: string): string => text.replace(/\s+/g, ' ').trim();

describe('README', () => {
  it('shows the options that the benchmark has', async () => {
    const out: string[] = [];
    const print = (text: string) => void out.push(text);
    const surroundings = { resolvePath: String, print, complain: print, loadProblem: () => undefined };
    expect(await runBenchmark(['--help'], surroundings)).toBe(0);
    expect(folded(readme)).toContain(folded(out.join('\n')));
  });

  it('shows the options that golden has', async () => {
    const out: string[] = [];
    const print = (text: string) => void out.push(text);
    expect(await runGoldenCommand(['--help'], { resolvePath: String, print, complain: print })).toBe(0);
    expect(folded(readme)).toContain(folded(out.join('\n')));
  });

  it('shows the options that peers, ci, cuda-pack and study have', async () => {
    const out: string[] = [];
    const print = (text: string) => void out.push(text);
    const surroundings = { resolvePath: String, print, complain: print, loadProblem: () => undefined };
    expect(await runPeersCommand(['--help'], surroundings)).toBe(0);
    expect(await runCiCommand(['--help'], surroundings)).toBe(0);
    expect(await runCudaPackCommand(['--help'], surroundings)).toBe(0);
    expect(await runStudyCommand(['--help'], surroundings)).toBe(0);
    for (const text of out) expect(folded(readme)).toContain(folded(text));
    expect(out.length).toBe(4);
  });
});
