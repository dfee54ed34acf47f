import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runBenchmark } from '../src/command.ts';
import type { ComparisonRow } from '../src/comparison.ts';

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
    resultsFolder: join(folder, 'results'),
  });
  return { status, out: out.join('\n'), err: err.join('\n') };
}

const quick = ['--suite', 'sampler', 'batcher', '--seconds', '0.02', '--rounds', '2'];

describe('runBenchmark', () => {
  it('measures the named suites and writes the figures as JSON', async () => {
    const { status, out, err } = await run([...quick, '--json', 'figures.json']);
    expect(status, err).toBe(0);
    expect(err).toMatch(/^sampler 2048 of .*: ours: \S+ draws\/s$/m);
    expect(out).toMatch(/^sampler +2048 of 27000 items, alpha 0.5 +draws\/s/m);
    expect(out).toMatch(/^batcher +20000 sessions, batch 80 +events\/s/m);
    const report = JSON.parse(readFileSync(join(folder, 'figures.json'), 'utf8'));
    const [sampler, ...batchers] = report.comparisons.map((row: ComparisonRow) => row.ours);
    expect(sampler.figure.median).toBeGreaterThan(1e5);
    const { topItemDrawn, topItemExpected } = sampler.correctness;
    expect(topItemDrawn / topItemExpected).toBeCloseTo(1, 0);
    expect(batchers).toHaveLength(2);
    for (const { correctness } of batchers) expect(correctness.fed).toBe(correctness.expected);
  });

  it('records a run with its command, without the folders of this machine', async () => {
    const words = [
      '--suite',
      'sampler',
      '--seconds',
      '0.02',
      '--only',
      '^(a|b)',
      '--peer-directory',
      '/a/place',
    ];
    const { status, out } = await run([...words, '--record']);
    expect(status).toBe(0);
    const [, file = ''] = /recorded in results\/(.+\.json)$/.exec(out) ?? [];
    const { format, runs } = JSON.parse(readFileSync(join(folder, 'results', file), 'utf8'));
    expect([format, runs.length]).toEqual([1, 1]);
    expect(runs[0].command).toBe(
      "pnpm --filter benchmark start --suite sampler --seconds 0.02 --only '^(a|b)' --peer-directory PATH --record",
    );
  });

  it('refuses to measure a machine that is busy, unless forced', async () => {
    const refused = await run(quick, 'the load average is 3.00');
    expect([refused.status, refused.out]).toEqual([1, '']);
    expect(refused.err).toBe('benchmark: the load average is 3.00');
    expect((await run([...quick, '--force'], 'the load average is 3.00')).status).toBe(0);
  });

  it.each([
    [['--suite', 'training'], 'Choices: "step", "loss", "sampler", "batcher", "epoch"'],
    [['--fast'], 'Unknown argument: fast'],
    [['step'], 'Unknown argument: step'],
    [['--seconds', '0'], '"seconds" expected > 0, got 0'],
    [['--peer-memory', '0'], '"peer-memory" expected > 0, got 0'],
    [['--rounds', '1.5'], '"rounds" expected an integer >= 1, got 1.5'],
    [['--threads', '0'], '"threads" expected an integer >= 1, got 0'],
    [['--events', '0.5'], '"events" expected an integer >= 1, got 0.5'],
    [['--only', '('], '"only" expected a regular expression, got (:'],
  ])('gives 2 for %j', async (words, text) => {
    const { status, out, err } = await run(words);
    expect([status, out]).toEqual([2, '']);
    expect(err).toContain(text);
  });

  it('explains itself', async () => {
    const { status, out } = await run(['--help']);
    expect(status).toBe(0);
    expect(out).toContain('--peer-directory');
  });
});
