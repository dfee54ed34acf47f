import { describe, expect, it } from 'vitest';
import { epochsFor, isFlat, killAfter, quarterPeaks, reportLine, seededChance } from '../lib/soak-plan.mjs';

describe('seededChance', () => {
  it('returns the same uniform numbers in [0, 1) for the same seed', () => {
    const draw = (seed: number) => Array.from({ length: 4000 }, seededChance(seed));
    const numbers = draw(7);
    expect(draw(7)).toEqual(numbers);
    expect(draw(8)).not.toEqual(numbers);
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
    expect(numbers.reduce((sum, number) => sum + number, 0) / 4000).toBeCloseTo(1 / 2, 1);
  });
});

describe('killAfter', () => {
  it('leaves half of the runs a quarter of the time, the others up to all of it', () => {
    const fixed =
      (...numbers: number[]) =>
      () =>
        numbers.shift() as number;
    expect(killAfter(fixed(0.4, 0.5), 1000)).toBe((0.5 * 1000) / 4);
    expect(killAfter(fixed(0.6, 0.5), 1000)).toBe(0.5 * 1000);
  });
});

describe('epochsFor', () => {
  it('fills the time, with two epochs at least', () => {
    expect(epochsFor(60, 4)).toBe(60 / 4);
    expect(epochsFor(1, 4)).toBe(2);
  });
});

describe('quarterPeaks', () => {
  it('takes the peaks of the first and the last quarter', () => {
    expect(quarterPeaks([1, 3, 9, 9, 9, 9, 4, 2])).toEqual({ first: 3, last: 4 });
  });

  it('returns nothing for fewer than four samples', () => {
    expect(quarterPeaks([1, 2, 3])).toBeUndefined();
  });
});

describe('isFlat', () => {
  it('allows 15 % above the first quarter, and as much in the killed runs', () => {
    expect(isFlat([100, 100, 100, 114], [120])).toBe(true);
    expect(isFlat([100, 100, 100, 116], [])).toBe(false);
    expect(isFlat([100, 100, 100, 100], [50, 116])).toBe(false);
  });

  it('passes if nothing is measured', () => {
    expect(isFlat([], [])).toBe(true);
  });
});

describe('reportLine', () => {
  const soak = { minutes: 60, seed: 1, epochs: 9, kills: 4, resumes: 3, checksum: 'abcdef0123456789' };

  it('returns one line on what was lost and how memory changed', () => {
    const line = reportLine({ ...soak, equal: true, wholeRss: [100, 100, 100, 101], killedRss: [90, 99] });
    expect(line).toBe(
      'soak: 60.0 min, seed 1, 9 epochs, 4 kills, 3 resumes: parameters equal (abcdef012345); peak RSS ' +
        '100 MiB in the first quarter of the uninterrupted run, 101 MiB in its last, 99 MiB in the killed runs',
    );
  });

  it('shouts if something is wrong', () => {
    const line = reportLine({ ...soak, equal: false, wholeRss: [100, 1, 1, 200], killedRss: [] });
    expect(line).toMatch(/PARAMETERS DIFFER.*: NOT FLAT$/);
  });

  it('says if memory is not measured', () => {
    expect(reportLine({ ...soak, equal: true, wholeRss: [], killedRss: [] })).toMatch(
      /; memory not measured$/,
    );
  });
});
