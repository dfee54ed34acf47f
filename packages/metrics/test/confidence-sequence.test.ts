import { RandomStream } from '@gru4rec/random';
import { describe, expect, it } from 'vitest';
import { compareArms, halfWidth, meanFigure, ratioFigure, sizesEvidence, visitorsFor } from '../src/index.ts';

const DAYS = 30;

/** Purchases of visitors: most buy nothing, some much. */
function experiment(seed: number, { effect = 0, perDay = 500 } = {}) {
  const stream = new RandomStream(seed, 'test.experiment');
  const arms = [0, 1].map(() => ({ count: 0, sum: 0, squares: 0 }));
  return Array.from({ length: DAYS }, () => {
    for (let visitor = 0; visitor < perDay; visitor++) {
      const place = stream.nextFloat() < 0.7 ? 1 : 0;
      const buys = stream.nextFloat() < 0.3 * (place === 1 ? 1 + effect : 1);
      const value = buys ? -40 * Math.log(1 - stream.nextFloat()) : 0;
      const arm = arms[place];
      if (arm)
        Object.assign(arm, { count: arm.count + 1, sum: arm.sum + value, squares: arm.squares + value ** 2 });
    }
    const [control, treated] = arms.map(({ count, sum, squares }) => meanFigure(count, sum, squares));
    if (!control || !treated) throw new Error('no arms');
    return { seen: control.count >= 1000 && treated.count >= 1000, ...compareArms(treated, control) };
  }).filter(({ seen }) => seen);
}

describe('the asymptotic confidence sequence of two arms', () => {
  it('excludes 0 in at most 64 of 1,000 experiments without effect, looked at daily for 30 days', () => {
    let excluded = 0;
    for (let seed = 0; seed < 1000; seed++)
      if (experiment(seed).some(({ difference: { interval } }) => interval[0] > 0 || interval[1] < 0))
        excluded++;
    expect(excluded).toBeLessThanOrEqual(64);
  });

  it('covers an effect of 5 % on all days in 95 % of experiments, and sees it as often as the visitors that it asks for say', () => {
    const [experiments, effect] = [300, 0.05];
    let [covered, judged, seen] = [0, 0, 0];
    for (let seed = 0; seed < experiments; seed++) {
      const days = experiment(seed, { effect, perDay: 4000 });
      if (
        days.every(
          ({ relative }) => relative && relative.interval[0] <= effect && relative.interval[1] >= effect,
        )
      )
        covered++;
      const last = days.at(-1);
      if (!last?.relative) continue;
      judged++;
      // Where the half width is the effect, half of the experiments see it.
      const needed = visitorsFor(effect, last.relativeVariance);
      const day = days[Math.round(needed / 4000) - (DAYS - days.length) - 1] ?? last;
      if ((day.relative?.interval[0] ?? 0) > 0) seen++;
    }
    expect(covered).toBeGreaterThanOrEqual(0.93 * experiments);
    expect(seen / judged).toBeGreaterThan(0.35);
    expect(seen / judged).toBeLessThan(0.65);
  });

  it('is as wide as the formula says, and narrows', () => {
    // By hand: n = 10,000, ρ² = 8.7818 / 20,000, σ = 2.
    expect(halfWidth(4, 10_000)).toBeCloseTo(0.0614, 4);
    expect(halfWidth(4, 40_000)).toBeLessThan(halfWidth(4, 10_000) / 1.8);
    expect(halfWidth(4, visitorsFor(0.05, 4))).toBeCloseTo(0.05, 4);
  });
});

it('linearises ratios as a jackknife over visitors does', () => {
  const stream = new RandomStream(1, 'test.ratio');
  const pairs = Array.from({ length: 400 }, () => {
    const lists = 1 + Math.floor(5 * stream.nextFloat());
    return [Math.floor(lists * stream.nextFloat()), lists] as const;
  });
  const total = (of: (pair: readonly [number, number]) => number) =>
    pairs.reduce((sum, pair) => sum + of(pair), 0);
  const [clicks, lists] = [total(([c]) => c), total(([, l]) => l)];
  const figure = ratioFigure({
    count: pairs.length,
    sums: [clicks, lists],
    squares: [total(([c]) => c * c), total(([, l]) => l * l)],
    products: total(([c, l]) => c * l),
  });
  const left = pairs.map(([c, l]) => (clicks - c) / (lists - l));
  const mean = left.reduce((sum, value) => sum + value) / left.length;
  const jackknife = (left.length - 1) * left.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  expect(figure.value).toBeCloseTo(clicks / lists, 12);
  expect(figure.variance / jackknife).toBeCloseTo(1, 1);
});

describe('the evidence about the sizes of arms', () => {
  it('exceeds log(1,000) in few experiments with the right shares, and soon with wrong ones', () => {
    let alarms = 0;
    for (let seed = 0; seed < 300; seed++) {
      const stream = new RandomStream(seed, 'test.sizes');
      const counts = [0, 0];
      let most = 0;
      for (let visitor = 0; visitor < 5000; visitor++) {
        const arm = stream.nextFloat() < 0.8 ? 0 : 1;
        counts[arm] = (counts[arm] ?? 0) + 1;
        if (visitor % 100 === 0) most = Math.max(most, sizesEvidence([{ counts, shares: [0.8, 0.2] }]));
      }
      if (most > Math.log(1000)) alarms++;
    }
    expect(alarms).toBeLessThanOrEqual(3);
    expect(sizesEvidence([{ counts: [8300, 1700], shares: [0.8, 0.2] }])).toBeGreaterThan(Math.log(1000));
  });
});
