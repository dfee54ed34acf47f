import { RandomStream } from '@gru4rec/random';
import { describe, expect, it } from 'vitest';
import { FallingBehind } from '../../src/learning/guard.ts';
import { LogClock } from '../../src/learning/log-clock.ts';

/** Comparisons until the evidence exceeds 10,000, at most `most`. */
function comparisonsUntil(share: number, most: number, seed: number, before = 0): number {
  const random = new RandomStream(seed, 'test.falling-behind');
  const test = new FallingBehind();
  for (let at = 0; at < before; at++) test.add(true);
  for (let at = 1; at <= most; at++) {
    test.add(random.nextFloat() < share);
    if (test.evidence > 10_000) return at;
  }
  return most;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const runs = Array.from({ length: 40 }, (_, seed) => seed);

describe('FallingBehind', () => {
  it('takes 10,000 comparisons or more on average where both are equal, and more where the learner is better', () => {
    expect(mean(runs.map((seed) => comparisonsUntil(0.5, 100_000, seed)))).toBeGreaterThan(10_000);
    expect(mean(runs.map((seed) => comparisonsUntil(0.55, 20_000, seed)))).toBeGreaterThan(19_000);
  });

  it.each([
    [0, 25],
    [0.2, 90],
    [0.4, 1000],
  ])('finds a learner that wins a share of %f, within %i comparisons on average', (share, most) => {
    expect(mean(runs.map((seed) => comparisonsUntil(share, 100_000, seed)))).toBeLessThan(most);
    // Whatever it won before.
    expect(comparisonsUntil(share, 100_000, 1, 5000)).toBe(comparisonsUntil(share, 100_000, 1));
  });

  it('goes on from its state', () => {
    const whole = new FallingBehind();
    const first = new FallingBehind();
    for (const wins of [false, false, true, false]) for (const test of [whole, first]) test.add(wins);
    const second = new FallingBehind(structuredClone(first.state));
    for (const test of [whole, second]) test.add(false);
    expect(second).toMatchObject({ state: whole.state, evidence: whole.evidence });
  });
});

describe('LogClock', () => {
  const noon = Date.UTC(2026, 4, 1, 12);

  it('never goes back, and does not follow some clicks of yesterday, tomorrow or any other time', () => {
    const clock = new LogClock();
    let before = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < 300; at++) {
      const wrong = [noon - 86_400_000, noon + 86_400_000, 0, 8e15][at % 4] as number;
      const now = clock.read(at % 3 === 1 ? wrong : noon + 1000 * at, '2026-05-01');
      expect(now).toBeGreaterThanOrEqual(before);
      if (at > 40) expect(Math.abs(now - (noon + 1000 * at))).toBeLessThan(40_000);
      before = now;
    }
  });

  it('takes the time within the day of arrival where all clicks are wrong', () => {
    const clock = new LogClock();
    expect(clock.read(0, '2026-05-01')).toBe(Date.UTC(2026, 4, 1));
    expect(new LogClock(clock.state).read(8e15, '2026-05-01')).toBe(Date.UTC(2026, 4, 1));
    expect(clock.read(0, '2026-05-03')).toBe(Date.UTC(2026, 4, 1));
  });
});
