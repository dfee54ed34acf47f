import { describe, expect, it } from 'vitest';
import {
  allowedLoss,
  betterOf,
  compareWithBaseline,
  joinPasses,
  parseBaseline,
  relativeTo,
} from '../../src/ci/baseline.ts';

const row = (name: string, ...rounds: number[]) => joinPasses(name, [rounds]);

describe('relativeTo', () => {
  it('divides by the mean speed around a round: a machine twice as fast changes nothing', () => {
    expect(relativeTo(100, 40, 60)).toBe(100 / 50);
    expect(relativeTo(200, 80, 120)).toBe(100 / 50);
  });
});

describe('joinPasses', () => {
  it('takes in the rounds of every pass', () => {
    expect(joinPasses('step', [[1, 2], [3]]).relative).toMatchObject({
      median: 2,
      min: 1,
      max: 3,
      samples: 3,
    });
  });
});

describe('allowedLoss', () => {
  it('is as far as the slowest round of the baseline fell, a tenth at least', () => {
    expect(allowedLoss(row('noisy', 75, 100, 140))).toBe(1 - 75 / 100);
    expect(allowedLoss(row('quiet', 99, 100, 101))).toBe(0.1);
  });
});

describe('compareWithBaseline', () => {
  const baseline = [row('quiet', 99, 100, 101), row('noisy', 75, 100, 140)];

  it('lets a row swing as far as its baseline did', () => {
    const verdicts = compareWithBaseline([row('quiet', 91), row('noisy', 76)], baseline);
    expect(verdicts.map(({ regression }) => regression)).toEqual([undefined, undefined]);
    expect(verdicts[0]?.ratio).toBe(91 / 100);
  });

  it('fails for a row that is slower than that, in one line', () => {
    const verdicts = compareWithBaseline([row('quiet', 80), row('noisy', 74)], baseline);
    expect(verdicts.map(({ regression }) => regression)).toEqual([
      'quiet: 20.0 % slower than the baseline, more than its noise of 10.0 %',
      'noisy: 26.0 % slower than the baseline, more than its noise of 25.0 %',
    ]);
  });

  it('names rows that are in one of the two alone', () => {
    const verdicts = compareWithBaseline([row('quiet', 100), row('new', 1)], baseline);
    expect(verdicts[1]).toEqual({ name: 'new', note: 'not in the baseline; run with --update' });
    expect(verdicts[2]?.regression).toBe('noisy: is in the baseline and was not measured');
  });
});

describe('betterOf', () => {
  it('is the faster measurement', () => {
    expect(betterOf(row('step', 1), row('step', 2)).relative.median).toBe(2);
  });
});

describe('parseBaseline', () => {
  it('refuses another format', () => {
    expect(() => parseBaseline('{"format":2}')).toThrow('expected { format: 1, rows: […] }, got format 2');
  });
});
