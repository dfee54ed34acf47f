import { describe, expect, it } from 'vitest';
import { runCiCommand } from '../../src/ci/command.ts';
import type { RoundOfRow } from '../../src/ci/rounds.ts';
import { Failure, UsageError } from '../../src/command-line.ts';

/** Rounds in which each row has the ratios of `ratios`, or cannot run on the earlier commit. */
async function run(words: readonly string[], ratios: Readonly<Record<string, number | string>>) {
  const [out, err, rounds]: [string[], string[], string[][]] = [[], [], []];
  const measure = async (rows: readonly string[]) => {
    rounds.push([...rows]);
    return new Map(rows.map((row) => [row, roundOf(ratios[row])]));
  };
  const surroundings = {
    print: (text: string) => out.push(text),
    complain: (text: string) => err.push(text),
  };
  const status = await runCiCommand(words, surroundings, {
    rows: Object.keys(ratios),
    chooseReference: (against = 'main') => {
      if (against === 'nowhere') throw new UsageError('ci: no such commit');
      return { commit: '0123456789abcdef', reason: `for ${against}` };
    },
    withReference: (_, use) => use(measure),
  });
  return { status, out: out.join('\n'), err, rounds };
}

function roundOf(ratio: number | string): RoundOfRow {
  return typeof ratio === 'string' ? { problem: ratio } : { pairs: [{ now: ratio * 10, before: 10 }] };
}

describe('runCiCommand', () => {
  it('passes rows that are not slower, and says what they were compared with', async () => {
    const { status, out, err, rounds } = await run([], { step: 1.04, sampler: 0.7 });
    expect([status, err]).toEqual([0, []]);
    expect(rounds).toEqual(Array(3).fill(['step', 'sampler']));
    expect(out).toContain('Comparing with commit 0123456789ab: for main.');
    expect(out).toMatch(/^\| step +\| 3 +\| 104\.0 % \| 104\.0 % \| 104\.0 % \| not slower \|$/m);
  });

  it('fails for a row that is slower, and measures only that row in the later rounds', async () => {
    const { status, err, rounds } = await run(['--against', 'v1'], { step: 1.1, sampler: 1 });
    expect([status, err]).toEqual([1, ['slower: step takes 10.0 % longer than with the earlier commit']]);
    expect(rounds.map(({ length }) => length)).toEqual([2, 2, 2, 1, 1, 1]);
  });

  it('names a row that the earlier commit cannot run, and measures it once', async () => {
    const { status, out, err, rounds } = await run([], { step: 1, sampler: 'no such export' });
    expect([status, err]).toEqual([0, []]);
    expect(rounds).toEqual([['step', 'sampler'], ['step'], ['step']]);
    expect(out).toMatch(/^\| sampler .* new: no such export \|$/m);
  });

  it('fails if the earlier commit can run no row', async () => {
    const { status, err } = await run([], { step: 'no such package' });
    expect([status, err.length]).toEqual([1, 1]);
    expect(err[0]).toContain('the earlier commit can run none of the rows');
  });

  it('exits with 1 and one line if a row cannot be measured', async () => {
    const err: string[] = [];
    const surroundings = { print: () => {}, complain: (text: string) => err.push(text) };
    const status = await runCiCommand([], surroundings, {
      rows: ['step'],
      chooseReference: () => ({ commit: '0123', reason: 'it is given' }),
      withReference: () => Promise.reject(new Failure('ci: step: no kernels')),
    });
    expect([status, err]).toEqual([1, ['ci: step: no kernels']]);
  });

  it('exits with 2 for a commit that is not there, or an option it does not have', async () => {
    expect(await run(['--against', 'nowhere'], { step: 1 })).toMatchObject({
      status: 2,
      err: ['ci: no such commit'],
      rounds: [],
    });
    expect((await run(['--update'], { step: 1 })).status).toBe(2);
    expect((await run(['--against'], { step: 1 })).status).toBe(2);
  });
});
