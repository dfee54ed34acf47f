import { expect, it } from 'vitest';
import { type Contest, measureContest } from '../src/contest.ts';
import { readEnvironment } from '../src/environment.ts';
import { formatReport } from '../src/report.ts';

const contest = { suite: 'epoch', name: 'row', unit: 'events/s', better: 'more' } as const;
const options = { rounds: 2, engine: { threads: 1 } };

/** Takes the values in turns. */
const contestant = (name: string, ...values: (number | string)[]) => ({
  name,
  take: async () => {
    const [value] = values.splice(0, 1);
    if (typeof value === 'number') return { value, correctness: { loss: value / 2, events: 1200 } };
    throw new Error(value);
  },
});

async function report(row: Contest, ...entrants: Parameters<typeof measureContest>[1]) {
  const text = formatReport(readEnvironment(), [await measureContest(row, entrants, options)]);
  return text.split('\n').map((line) => line.replace(/[ |]+/g, ' ').trim());
}

it('measures round by round, shows how much better ours is, and who could not take part', async () => {
  const absent = { name: 'polars', problem: 'not installed' };
  const lines = await report(
    contest,
    contestant('ours', 30, 60),
    contestant('broken', 'no module named torch'),
    contestant('peer', 10, 15),
    absent,
  );
  expect(lines[0]).toMatch(/ cores, .* commit ([0-9a-f]{7,}\+?|unknown), \d{4}-\d\d-\d\d, load [\d.]+$/);
  expect(lines[4]).toMatch(
    /^row ours, threads: 1, default SIMD events\/s 45.0 30.0 60.0 loss 30, events 1,200 [\d,]+$/,
  );
  expect(lines[5]).toBe('row peer events/s 12.5 10.0 15.0 **3.50** (3.00–4.00) loss 7.500, events 1,200');
  expect(lines.slice(-2)).toEqual([
    '- epoch: polars: not installed',
    '- epoch: broken: no module named torch',
  ]);
});

it('turns the ratio round where less is better, and fails if ours does', async () => {
  const less = { ...contest, better: 'less' } as const;
  const [, , , , , peer] = await report(less, contestant('ours', 2, 4), contestant('peer', 3, 2));
  expect(peer).toContain('**1.00** (0.500–1.50)');
  await expect(report(contest, contestant('ours', 'ours broke'))).rejects.toThrow('ours broke');
});
