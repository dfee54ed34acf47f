import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { runBenchmark } from '../src/command.ts';
import type { ComparisonRow } from '../src/contest.ts';

const folder = mkdtempSync(join(tmpdir(), 'benchmark-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The command in this process. */
async function run(words: readonly string[], loadProblem?: string) {
  const [out, err]: [string[], string[]] = [[], []];
  const status = await runBenchmark(words, {
    resolvePath: (path) => join(folder, path),
    print: (text) => out.push(text),
    complain: (text) => err.push(text),
    loadProblem: () => loadProblem,
    resultsPage: join(folder, 'RESULTS.md'),
  });
  return { status, out: out.join('\n'), err: err.join('\n') };
}

const quick = ['--suite', 'parts', '--only', '^(sampler|batcher)', '--seconds', '0.02', '--rounds', '2'];

describe('runBenchmark', () => {
  it('measures the named suites and writes the figures as JSON', async () => {
    const { status, out, err } = await run([...quick, '--json', 'figures.json']);
    expect(status, err).toBe(0);
    expect(err).toMatch(/^parts sampler: .*: ours: \S+ µs$/m);
    expect(out).toMatch(/^\| parts \| batcher: an epoch of 50,000 events, batch 32 +\| µs/m);
    const report = JSON.parse(readFileSync(join(folder, 'figures.json'), 'utf8'));
    const rows: ComparisonRow[] = report.comparisons;
    expect(rows.map(({ ours }) => ours.figure.samples)).toEqual([2, 2]);
    for (const { ours } of rows) expect(ours.figure.median).toBeGreaterThan(1);
  });

  it('records a run with its command', async () => {
    const page = join(folder, 'RESULTS.md');
    writeFileSync(page, '## Speed\n');
    const { status, out } = await run([...quick, '--record']);
    expect(status).toBe(0);
    expect(out).toMatch(/recorded in \S+ of RESULTS\.md$/);
    expect(readFileSync(page, 'utf8')).toContain(
      "\n`pnpm --filter benchmark start --suite parts --only '^(sampler|batcher)' --seconds 0.02 --rounds 2 --record`\n",
    );
  });

  it('refuses to measure a machine that is busy, unless forced', async () => {
    const refused = await run(quick, 'the load average is 3.00');
    expect([refused.status, refused.out]).toEqual([1, '']);
    expect(refused.err).toBe('benchmark: the load average is 3.00');
    expect((await run([...quick, '--force'], 'the load average is 3.00')).status).toBe(0);
  });

  it.each([
    [['parts', 'cuda'], 'a GPU', ' --gpu'],
    [['parts', 'tensorflow'], 'the CPU', ''],
    [['parts', 'epoch', '--engine', 'tensorflow'], 'the CPU', ''],
  ])(
    'ends with 1 and one line, before it measures anything, without a TensorFlow for %j',
    async (words, where, option) => {
      for (const name of ['GRU4REC_TENSORFLOW', 'INIT_CWD'])
        vi.stubEnv(name, name === 'INIT_CWD' ? folder : '');
      onTestFinished(() => void vi.unstubAllEnvs());
      const { status, out, err } = await run(['--suite', ...words]);
      expect({ status, out }).toEqual({ status: 1, out: '' });
      expect(err).toMatch(/^benchmark: No TensorFlow runtime computes on [^\n]*\.$/);
      expect(err).toContain(`computes on ${where} here`);
      expect(err).toContain(`gru4rec setup tensorflow${option},`);
    },
  );

  it.each([
    [['--suite', 'training'], 'Choices: "parts", "epoch", "prepare"'],
    [['--fast'], 'Unknown argument: fast'],
    [['--rounds', '1.5'], '"rounds" expected an integer >= 1, got 1.5'],
    [['--only', '('], '"only" expected a regular expression, got (:'],
  ])('gives 2 for %j', async (words, text) => {
    const { status, out, err } = await run(words);
    expect([status, out]).toEqual([2, '']);
    expect(err).toContain(text);
  });
});
