import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { calibrationKernel } from '../../src/calibration.ts';
import { runCiCommand } from '../../src/ci/command.ts';
import { ciRows } from '../../src/ci/rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'benchmark-ci-'));
afterAll(() => rmSync(folder, { recursive: true }));
const quick = ['--seconds', '0.02', '--rounds', '2', '--force'];

/** A row whose work is the calibration kernel itself: as fast on every machine, and slower only by `factor`. */
function kernelRow(factor: number) {
  const work = (times: number): void => {
    for (let i = 0; i < times; i++) calibrationKernel(20_000 * factor);
  };
  return { name: 'kernel', prepare: async () => work };
}

async function run(
  words: readonly string[],
  factor: number,
  baseline = 'baseline.json',
  loadProblem?: string,
) {
  const [out, err]: [string[], string[]] = [[], []];
  const status = await runCiCommand(words, {
    print: (text) => out.push(text),
    complain: (text) => err.push(text),
    loadProblem: () => loadProblem,
    rows: [kernelRow(factor)],
    baselineFile: join(folder, baseline),
  });
  return { status, out: out.join('\n'), err };
}

describe('runCiCommand', () => {
  it('writes a baseline, passes beside it, and fails for a row made slow on purpose', async () => {
    expect((await run([...quick, '--update'], 2)).status).toBe(0);
    const faster = await run(quick, 1);
    expect([faster.status, faster.err]).toEqual([0, []]);
    const slower = await run(quick, 20);
    expect(slower.status).toBe(1);
    expect(slower.err.length).toBe(1);
    expect(slower.err[0]).toMatch(
      /^regression: kernel: \d+\.\d % slower than the baseline, more than its noise of/,
    );
  });

  it('asks for a baseline where there is none', async () => {
    const { status, err } = await run(quick, 1, 'nowhere.json');
    expect([status, err]).toEqual([2, ['ci: there is no baseline yet; make one with --update']]);
  });

  it('refuses to measure a machine that is busy', async () => {
    const { status, err } = await run(['--update'], 1, 'busy.json', 'the load average is 3.00');
    expect([status, err]).toEqual([1, ['ci: the load average is 3.00']]);
  });
});

describe('ciRows', () => {
  it.each(ciRows.map(({ name, prepare }) => [name, prepare] as const))('can run %s', async (_, prepare) => {
    const work = await prepare();
    expect(() => work(1)).not.toThrow();
  });
});
