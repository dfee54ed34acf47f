import { RandomStream } from '@gru4rec/random';
import { expectClose } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { fitRepeats, type RepeatClick, repeatObjective } from '../../src/training/fit-repeats.ts';

const LENGTH = 4;
const OTHERS = 8;

/**
 * Clicks drawn from softmax(τ·(s + c)) over normal scores.
 * @param c - [K] added to the scores of the history.
 */
function drawClicks(count: number, c: readonly number[], tau = 1, seed = 5): RepeatClick[] {
  const random = new RandomStream(seed, 'test.fit-repeats');
  return Array.from({ length: count }, () => {
    const history = Float64Array.from({ length: 1 + Math.floor(random.nextFloat() * c.length) }, () =>
      random.nextNormal(),
    );
    const others = Float64Array.from({ length: OTHERS }, () => random.nextNormal());
    const scores = [...history, ...others];
    const weights = scores.map((score, i) =>
      Math.exp(tau * (score + (i < history.length ? Number(c[i]) : 0))),
    );
    let left = random.nextFloat() * weights.reduce((sum, weight) => sum + weight, 0);
    let drawn = 0;
    while (drawn < scores.length - 1 && left >= Number(weights[drawn])) left -= Number(weights[drawn++]);
    const place = drawn < history.length ? drawn : -1;
    return { history, others, place, target: Number(scores[drawn]) };
  });
}

/** The objective, written as its formula. */
function naiveObjective(clicks: readonly RepeatClick[], x: readonly number[]): number {
  const [d, tau] = [x.slice(0, -1), Number(x.at(-1))];
  let value = 0;
  for (const { history, others, place, target } of clicks) {
    const logits = [...Array.from(history, (s, k) => tau * s + Number(d[k])), ...others.map((s) => tau * s)];
    const sum = logits.reduce((all, logit) => all + Math.exp(logit), 0);
    value += Math.log(sum) - tau * target - (d[place] ?? 0);
  }
  for (const [k, at] of d.entries()) value += at ** 2 / 2 + (k > 0 ? 10 * (at - Number(d[k - 1])) ** 2 : 0);
  return value;
}

describe('repeatObjective', () => {
  const clicks = drawClicks(30, [1, 0.5, 0, -0.5]);
  const x = [0.3, -0.2, 0.1, 0.4, 1.3];
  const { value, gradient, hessian } = repeatObjective(clicks, Float64Array.from(x));
  const moved = (k: number, by: number) => x.map((old, i) => (i === k ? old + by : old));

  it('is the formula', () => {
    expect(value).toBeCloseTo(naiveObjective(clicks, x), 9);
  });

  it('has the gradient of finite differences', () => {
    const differences = x.map(
      (_, k) => (naiveObjective(clicks, moved(k, 1e-5)) - naiveObjective(clicks, moved(k, -1e-5))) / 2e-5,
    );
    expectClose(gradient, differences, { absolute: 1e-6, relative: 1e-6 });
  });

  it('has the Hessian of finite differences', () => {
    const gradientAt = (at: readonly number[]) => repeatObjective(clicks, Float64Array.from(at)).gradient;
    const differences = x.flatMap((_, k) => {
      const [up, down] = [gradientAt(moved(k, 1e-5)), gradientAt(moved(k, -1e-5))];
      return Array.from(up, (after, i) => (after - Number(down[i])) / 2e-5);
    });
    expectClose(hessian, differences, { absolute: 1e-5, relative: 1e-6 });
  });
});

describe('fitRepeats', () => {
  it.each([0.5, 1, 6])('finds the bias that clicks were drawn with, for scores of scale 1 / %d', (tau) => {
    const c = [1.5, 1, 0.5, 0.25].map((value) => value / tau);
    const fitted = fitRepeats(drawClicks(20_000, c, tau), LENGTH);
    for (const [k, value] of c.entries()) expect(Math.abs(Number(fitted[k]) - value) * tau).toBeLessThan(0.1);
  });

  it('is near 0 where repeats carry nothing', () => {
    const fitted = fitRepeats(drawClicks(5000, [0, 0, 0, 0]), LENGTH);
    expect(Math.max(...fitted.map(Math.abs))).toBeLessThan(0.1);
  });

  it('keeps a place that no click reaches near its neighbours and 0', () => {
    const fitted = fitRepeats(drawClicks(2000, [2, 2]), 20);
    expect(fitted[0]).toBeGreaterThan(1.5);
    expect(Math.abs(Number(fitted[19]))).toBeLessThan(Number(fitted[3]));
  });

  it.each([
    ['no clicks', []],
    ['equal scores', [{ history: Float64Array.of(1), others: Float64Array.of(1, 1), place: 0, target: 1 }]],
    [
      'scores that contradict the clicks',
      drawClicks(500, [0, 0]).map((click) => ({
        ...click,
        ...{ place: -1, target: Math.min(...click.others) },
      })),
    ],
  ])('is 0 with %s', (_name, clicks) => {
    expect(fitRepeats(clicks, LENGTH)).toEqual(new Float32Array(LENGTH));
  });
});
