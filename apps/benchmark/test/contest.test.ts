import { describe, expect, it } from 'vitest';
import { measureContest, ratioToBest, reachesGoal } from '../src/contest.ts';
import { summarize } from '../src/measure.ts';

const turn = (value: number) => ({ value, correctness: { loss: value / 2 } });
const contest = { suite: 'epoch', name: 'row', unit: 'events/s', better: 'more' } as const;
const rounds = (count: number) => ({ rounds: count, engine: { threads: 1 } });

describe('measureContest', () => {
  it('lets all take turns, round by round', async () => {
    const order: string[] = [];
    const take = (name: string) => async () => turn(order.push(name));
    const entrants = ['ours', 'a', 'b'].map((name) => ({ name, take: take(name) }));
    const { ours, peers } = await measureContest(contest, entrants, rounds(2));
    expect(order).toEqual(['ours', 'a', 'b', 'ours', 'a', 'b']);
    expect([ours, ...peers].map(({ figure }) => figure.median)).toEqual([2.5, 3.5, 4.5]);
  });

  it('continues without a peer that fails, and says why', async () => {
    let calls = 0;
    const broken = {
      name: 'broken',
      take: async () => {
        calls++;
        throw new Error('no module named torch');
      },
    };
    const fine = (name: string) => ({ name, take: async () => turn(1) });
    const row = await measureContest(contest, [fine('ours'), broken, fine('other')], rounds(3));
    expect([row.ours, ...row.peers].map(({ name, figure }) => [name, figure.samples])).toEqual([
      ['ours', 3],
      ['other', 3],
    ]);
    expect(row.missing).toEqual([{ name: 'broken', problem: 'no module named torch' }]);
    expect(calls).toBe(1);
  });

  it('fails if ours does', async () => {
    const take = () => Promise.reject(new Error('ours broke'));
    await expect(measureContest(contest, [{ name: 'ours', take }], rounds(1))).rejects.toThrow('ours broke');
  });

  it('keeps figures, the last correctness, the best peer, and time and memory of processes', async () => {
    const takes =
      (...turns: object[]) =>
      async () => ({ ...turn(0), ...turns.shift() });
    const process = (seconds: number, peakMiB: number) => ({ seconds, peakMiB });
    const own = [
      { ...turn(10), process: process(1, 30) },
      { ...turn(30), process: process(3, 50) },
    ];
    const entrants = [
      { name: 'ours', take: takes(...own) },
      { name: 'peer', take: takes(turn(10), turn(10)) },
    ];
    const row = await measureContest(contest, entrants, rounds(2));
    expect(row.ours).toEqual({
      ...{ name: 'ours', figure: summarize([10, 30]), correctness: { loss: 15 }, process: process(2, 50) },
    });
    expect([row.best, row.ratio?.median, row.engine]).toEqual(['peer', 2, '1 thread']);
  });
});

describe('ratioToBest', () => {
  it('takes the peer with the best median, and the ratio round by round', () => {
    const values = [
      [30, 60, 30],
      [10, 10, 10],
      [12, 15, 20],
    ];
    expect(ratioToBest(values, 'more')).toEqual({ best: 2, ratio: summarize([30 / 12, 60 / 15, 30 / 20]) });
  });

  it('turns the ratio round where less is better', () => {
    const values = [
      [2, 4],
      [3, 2],
      [9, 9],
    ];
    expect(ratioToBest(values, 'less')).toEqual({ best: 1, ratio: summarize([3 / 2, 2 / 4]) });
  });

  it('has nothing to compare without peers', () => {
    expect(ratioToBest([[1, 2]], 'more')).toBeUndefined();
  });
});

describe('reachesGoal', () => {
  const ours = { name: 'ours', figure: summarize([2]), correctness: {} };

  it.each([
    ['no goal', { ours, better: 'more' as const }, undefined],
    ['no peer', { ours, better: 'more' as const, leastRatio: 3 }, undefined],
    ['a ratio above it', { ours, better: 'more' as const, leastRatio: 3, ratio: summarize([3.5]) }, true],
    ['a ratio below it', { ours, better: 'more' as const, leastRatio: 3, ratio: summarize([2.9]) }, false],
    ['a figure below a bound', { ours, better: 'less' as const, bound: 3 }, true],
    ['a figure below a least one', { ours, better: 'more' as const, bound: 3 }, false],
  ])('judges %s', (_, row, expected) => {
    expect(reachesGoal(row)).toBe(expected);
  });
});
