import { RandomStream } from '@gru4rec/random';
import { expect, it } from 'vitest';
import { judge, ratioOf } from '../../src/ci/rounds.ts';

function normal(random: RandomStream): number {
  return Math.sqrt(-2 * Math.log(1 - random.nextFloat())) * Math.cos(2 * Math.PI * random.nextFloat());
}

/** A factor of the time of a slice: every fifth one is disturbed, a few of them threefold. */
const noise = (random: RandomStream) =>
  Math.exp(0.03 * normal(random)) * (random.nextFloat() < 0.2 ? 1 + 0.1 / (random.nextFloat() + 0.05) : 1);

/** The share of 2,000 runs that find a row slower. @param ofProcess - standard deviation of a process’s overall slowdown. */
function slowerRuns(slowdown: number, ofProcess: number): number {
  const random = new RandomStream(1, 'ci-rule');
  let slower = 0;
  for (let run = 0; run < 2000; run++) {
    const ratios: number[] = [];
    while (judge(ratios) === 'undecided') {
      const [now = 1, before = 1] = [1, 1].map(() => Math.exp(ofProcess * normal(random)));
      const pair = () => ({ now: slowdown * now * noise(random), before: before * noise(random) });
      ratios.push(ratioOf(Array.from({ length: 8 }, pair)));
    }
    if (judge(ratios) === 'slower') slower++;
  }
  return slower / 2000;
}

it('passes equal code under noise, and finds code that is a tenth slower', () => {
  expect(slowerRuns(1, 0.02)).toBe(0);
  expect(slowerRuns(1.1, 0.015)).toBeGreaterThan(0.9);
});
