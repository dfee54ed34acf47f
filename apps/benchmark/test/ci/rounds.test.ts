import { RandomStream } from '@gru4rec/random';
import { describe, expect, it } from 'vitest';
import { judge, type Pair, ratioOf } from '../../src/ci/rounds.ts';

const PAIRS = 8;
const RUNS = 2000;

/** Noise of one slice, as a factor of its time. */
type Noise = (random: RandomStream, round: number, pair: number) => number;

function normal(random: RandomStream): number {
  return Math.sqrt(-2 * Math.log(1 - random.nextFloat())) * Math.cos(2 * Math.PI * random.nextFloat());
}

const noises: Readonly<Record<string, Noise>> = {
  quiet: (random) => Math.exp(0.01 * normal(random)),
  // Every fifth slice is disturbed, some of them threefold.
  'with heavy tails': (random) =>
    Math.exp(0.03 * normal(random)) * (random.nextFloat() < 0.2 ? 1 + 0.1 / (random.nextFloat() + 0.05) : 1),
  'of two modes': (random) => Math.exp(0.02 * normal(random)) * (random.nextFloat() < 0.3 ? 1.3 : 1),
  'that drifts': (random, round, pair) => Math.exp(0.03 * normal(random) + 0.1 * Math.sin(round + pair / 3)),
};

/** @param ofProcess - standard deviation of a process’s overall slowdown. */
function slowerRuns(noise: Noise, { slowdown, ofProcess }: { slowdown: number; ofProcess: number }): number {
  const random = new RandomStream(1, 'ci-rule');
  let found = 0;
  for (let run = 0; run < RUNS; run++) {
    const ratios: number[] = [];
    while (judge(ratios) === 'undecided') {
      const [now, before] = [normal(random), normal(random)].map((x) => Math.exp(ofProcess * x));
      const pairs = Array.from({ length: PAIRS }, (_, pair) => ({
        now: slowdown * now * noise(random, ratios.length, pair),
        before: before * noise(random, ratios.length, pair),
      }));
      ratios.push(ratioOf(pairs));
    }
    if (judge(ratios) === 'slower') found++;
  }
  return found / RUNS;
}

describe('ratioOf', () => {
  it('is the median over pairs, even if a few were disturbed', () => {
    const pairs: Pair[] = [2, 4, 6, 8, 10].map((before) => ({ now: before * 1.5, before }));
    expect(ratioOf([...pairs, { now: 900, before: 1 }, { now: 1, before: 900 }])).toBe(1.5);
  });
});

describe('judge', () => {
  it('passes a row at its third round that is not slow, and not before', () => {
    expect(judge([1.05, 1.2, 1])).toBe('undecided');
    expect(judge([1.05, 1.2, 1, 0.9])).toBe('not slower');
  });

  it('fails a row at its sixth slow round, and not before', () => {
    expect(judge([1.06, 1.06, 1.06, 1, 1.06, 1, 1.06])).toBe('undecided');
    expect(judge([1.06, 1.06, 1.06, 1, 1.06, 1, 1.06, 1.06])).toBe('slower');
  });

  it.each(Object.entries(noises))('passes equal code under noise %s', (_, noise) => {
    expect(slowerRuns(noise, { slowdown: 1, ofProcess: 0.02 })).toBe(0);
  });

  it.each(Object.entries(noises))('finds a tenth under noise %s', (_, noise) => {
    expect(slowerRuns(noise, { slowdown: 1.1, ofProcess: 0.015 })).toBeGreaterThan(0.9);
  });
});
