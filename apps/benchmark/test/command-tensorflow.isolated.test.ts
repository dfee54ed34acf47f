import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { runBenchmark } from '../src/command.ts';
import { measureParts } from '../src/parts/measure-parts.ts';

vi.mock('../src/parts/measure-parts.ts', () => ({ measureParts: vi.fn() }));

let project: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'benchmark-'));
  vi.stubEnv('INIT_CWD', project);
  vi.stubEnv('GRU4REC_TENSORFLOW', '');
  return () => {
    vi.unstubAllEnvs();
    vi.clearAllMocks();
    rmSync(project, { recursive: true });
  };
});

async function run(...words: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const status = await runBenchmark(words, {
    resolvePath: (path) => join(project, path),
    print: (text) => out.push(text),
    complain: (text) => err.push(text),
    loadProblem: () => undefined,
  });
  return { status, out, err };
}

describe('runBenchmark with TensorFlow', () => {
  it.each([
    [['--suite', 'parts', 'cuda'], 'a GPU', ' --gpu'],
    [['--suite', 'parts', 'tensorflow'], 'the CPU', ''],
    [['--suite', 'parts', 'tensorflow', 'cuda'], 'a GPU', ' --gpu'],
    [['--suite', 'parts', 'epoch', '--engine', 'tensorflow'], 'the CPU', ''],
  ])('ends %j with 1 and one line before it measures anything', async (words, where, option) => {
    const { status, out, err } = await run(...words);
    expect({ status, out }).toEqual({ status: 1, out: [] });
    expect(measureParts).not.toHaveBeenCalled();
    expect(err).toEqual([expect.stringMatching(/^benchmark: No TensorFlow runtime computes on .*\.$/)]);
    expect(err[0]).toContain(`computes on ${where} here`);
    expect(err[0]).toContain(`gru4rec setup tensorflow${option},`);
  });
});
