import { expect, it } from 'vitest';
import { runCiCommand } from '../../src/ci/command.ts';

async function run(ratios: Readonly<Record<string, number | string>>) {
  const [out, err, rounds]: [string[], string[], number[]] = [[], [], []];
  const print = (text: string) => void out.push(text);
  const complain = (text: string) => void err.push(text);
  const roundOf = (ratio: number | string = '') =>
    typeof ratio === 'string' ? { problem: ratio } : { pairs: [{ now: ratio * 10, before: 10 }] };
  const status = await runCiCommand(
    ['--against', 'v1'],
    { print, complain },
    {
      rows: Object.keys(ratios),
      chooseReference: (against = '') => ({ commit: '0123456789abcdef', reason: against }),
      withReference: (_, use) =>
        use(async (rows) => {
          rounds.push(rows.length);
          return new Map(rows.map((row) => [row, roundOf(ratios[row])]));
        }),
    },
  );
  return { status, out: out.join('\n'), err, rounds };
}

it('passes rows that are not slower, and names one that the earlier commit cannot run', async () => {
  const { status, out, err, rounds } = await run({ step: 1.04, sampler: 'no such export' });
  expect([status, err, rounds]).toEqual([0, [], [2, 1, 1]]);
  expect(out).toContain('Comparing with commit 0123456789ab: v1.');
  expect(out).toMatch(/^\| step +\| 3 +\| 104\.0 % \| 104\.0 % \| 104\.0 % \| not slower/m);
  expect(out).toMatch(/^\| sampler .* new: no such export \|$/m);
});

it('fails for a row that is slower, the only one of later rounds, and if no row can run', async () => {
  const { status, err, rounds } = await run({ step: 1.1, sampler: 1.05 });
  expect([status, err]).toEqual([1, ['slower: step takes 10.0 % longer than with the earlier commit']]);
  expect(rounds).toEqual([2, 2, 2, 1, 1, 1]);
  expect((await run({ step: 'no such package' })).status).toBe(1);
});
