import { expectClose } from '@gru4rec/test-support';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type FreshClick,
  fitFreshness,
  freshChoices,
  freshObjective,
} from '../../src/parts/fit-freshness.ts';
import { Freshness } from '../../src/parts/freshness.ts';

const HOUR_MS = 3_600_000;
const HALF_LIVES_MS = [HOUR_MS / 3, 2 * HOUR_MS, 24 * HOUR_MS];
const WIDTH = 3 + 12;
const ITEMS = 6;
const both = { parts: ['recent-clicks', 'age'] } as const;

interface Click {
  readonly item: number;
  readonly timeMs: number;
}

/** x of an item, written as its definition. */
function naiveDescription(clicks: readonly Click[], item: number, nowMs: number): number[] {
  const own = clicks.filter((click) => click.item === item).map(({ timeMs }) => timeMs);
  const x = Array<number>(WIDTH).fill(0);
  if (own.length === 0) return x;
  for (const [h, halfLife] of HALF_LIVES_MS.entries()) {
    x[h] = Math.log(1 + own.reduce((sum, time) => sum + 0.5 ** ((nowMs - time) / halfLife), 0));
  }
  const hours = (nowMs - Math.min(...own)) / HOUR_MS;
  let bucket = 0;
  while (bucket < 11 && hours >= 0.25 * 2 ** bucket) bucket++;
  x[3 + bucket] = 1;
  return x;
}

const clicksOf = fc.array(
  fc.record({
    item: fc.nat(ITEMS - 2),
    timeMs: fc.integer({ min: 1.5e12, max: 1.5e12 + 40 * 24 * HOUR_MS }),
  }),
  { minLength: 1, maxLength: 30 },
);

function counted(clicks: readonly Click[], freshness = new Freshness(both, ITEMS)): Freshness {
  for (const { item, timeMs } of clicks) freshness.observe(item, timeMs);
  return freshness;
}

function descriptions(freshness: Freshness, nowMs: number): Float32Array {
  const out = new Float32Array(ITEMS * WIDTH);
  freshness.describe([0, 1, 2, 3, 4, 5], nowMs, out);
  return out;
}

describe('Freshness', () => {
  it('is the definition, in any order of clicks', () => {
    fc.assert(
      fc.property(clicksOf, fc.integer({ min: 0, max: 48 * HOUR_MS }), (clicks, laterMs) => {
        const nowMs = Math.max(...clicks.map(({ timeMs }) => timeMs)) + laterMs;
        const expected = Array.from({ length: ITEMS }, (_, item) => naiveDescription(clicks, item, nowMs));
        expectClose(descriptions(counted(clicks), nowMs), expected.flat(), {
          absolute: 1e-6,
          relative: 1e-5,
        });
      }),
    );
  });

  it('goes on from the values that a model stores, also for items that come later', () => {
    fc.assert(
      fc.property(clicksOf, clicksOf, (before, after) => {
        const read = () => new Float32Array(WIDTH);
        const stored = Object.entries(counted(before).values(read)).map(([name, values]) => ({
          name,
          values,
        }));
        const later = after.map((click) => ({ ...click, timeMs: click.timeMs + 40 * 24 * HOUR_MS }));
        const nowMs = Math.max(...later.map(({ timeMs }) => timeMs));
        const again = counted(later, new Freshness(both, ITEMS, stored));
        // Ages are stored in float32: near the border of a bucket, they may fall into the next one.
        const recent = (values: Float32Array) => values.filter((_, at) => at % WIDTH < 3);
        const whole = recent(descriptions(counted([...before, ...later]), nowMs));
        expectClose(recent(descriptions(again, nowMs)), [...whole], { absolute: 1e-5, relative: 1e-4 });
        expect(again.nowMs).toBe(nowMs);
      }),
    );
  });

  it('adds the weighted description to biases, and leaves out items without a click', () => {
    const clicks = [
      { item: 0, timeMs: 1.5e12 },
      { item: 2, timeMs: 1.5e12 + HOUR_MS },
    ];
    const nowMs = 1.5e12 + 2 * HOUR_MS;
    const weights = Array.from({ length: WIDTH }, (_, f) => f / 10 - 0.4);
    const by = [1, 2, 3, 4, 5, 6];
    const bias = counted(clicks).biasAt(nowMs, by, weights);
    for (const item of [0, 2]) {
      const x = naiveDescription(clicks, item, nowMs);
      const expected = x.reduce((sum, value, f) => sum + value * Number(weights[f]), Number(by[item]));
      expect(bias[item]).toBeCloseTo(expected, 5);
    }
    expect([1, 3, 4, 5].map((item) => bias[item])).toEqual(Array(4).fill(Math.fround(-1e30)));
  });

  it.each([
    ['recent-clicks', 3],
    ['age', 12],
  ] as const)('has a part of the description: %s', (name, width) => {
    const part = new Freshness({ parts: [name] }, ITEMS);
    part.observe(1, 1.5e12);
    const out = new Float32Array(width);
    part.describe([1], 1.5e12 + HOUR_MS, out);
    const whole = naiveDescription([{ item: 1, timeMs: 1.5e12 }], 1, 1.5e12 + HOUR_MS);
    expectClose(out, name === 'age' ? whole.slice(3) : whole.slice(0, 3), {
      absolute: 1e-6,
      relative: 1e-6,
    });
  });
});

describe('freshObjective', () => {
  const clicks: FreshClick[] = [
    { timeMs: 0, items: Int32Array.of(0, 1, 2), scores: Float64Array.of(0.5, -1, 2) },
    { timeMs: 0, items: Int32Array.of(1, 2), scores: Float64Array.of(1, 0.3) },
  ];
  const described = [Float32Array.of(1, 0, 0.5, 2, 0, 1), Float32Array.of(0, 1, 3, 0.5)];
  const x = [0.3, -0.2, 0.7];
  const at = (point: readonly number[]) =>
    freshObjective(freshChoices(clicks, described), Float64Array.from(point));
  const moved = (k: number, by: number) => x.map((old, i) => (i === k ? old + by : old));

  it('is the formula, with the derivatives of finite differences', () => {
    let expected = 0;
    for (const [click, { scores }] of clicks.entries()) {
      const logits = Array.from(scores, (score, i) => {
        const [a = 0, b = 0] = described[click]?.subarray(2 * i, 2 * i + 2) ?? [];
        return 0.7 * score + 0.3 * a - 0.2 * b;
      });
      expected += Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0)) - Number(logits[0]);
    }
    const { value, gradient, hessian } = at(x);
    expect(value).toBeCloseTo(expected + (0.3 ** 2 + 0.2 ** 2) / 2, 9);
    const step = 1e-5;
    const slopes = x.map((_, k) => (at(moved(k, step)).value - at(moved(k, -step)).value) / (2 * step));
    expectClose(gradient, slopes, { absolute: 1e-6, relative: 1e-6 });
    const curves = x.flatMap((_, k) => {
      const [up, down] = [at(moved(k, step)).gradient, at(moved(k, -step)).gradient];
      return Array.from(up, (slope, l) => (slope - Number(down[l])) / (2 * step));
    });
    expectClose(hessian, curves, { absolute: 1e-6, relative: 1e-6 });
  });
});

describe('fitFreshness', () => {
  const freshness = () => counted([{ item: 5, timeMs: 0 }]);
  const later = 10 * HOUR_MS;
  const held = {
    sessionOffsets: Int32Array.of(0, 2),
    items: Int32Array.of(0, 1),
    times: BigInt64Array.of(BigInt(later - 1), BigInt(later - 1)),
  };
  const clickOn = (target: number, others: readonly number[]): FreshClick => ({
    timeMs: later,
    items: Int32Array.of(target, ...others),
    scores: new Float64Array(1 + others.length),
  });

  it('is zeros without clicks, and where freshness gains nothing', () => {
    const nothing = new Float32Array(WIDTH);
    expect(fitFreshness(freshness(), held, [])).toEqual(nothing);
    expect(fitFreshness(freshness(), held, [clickOn(5, [])])).toEqual(nothing);
  });

  it('weights what has just been clicked, where that is clicked again', () => {
    // 24 items compete, all with equal scores: without weights the clicked one is in no list of 20.
    const clicks = Array.from({ length: 20 }, () => clickOn(1, Array(23).fill(5)));
    const weights = fitFreshness(freshness(), held, clicks);
    expect(Number(weights[0])).toBeGreaterThan(0);
    // At the time of the click before, the clicked item may have been clicked by the click itself.
    const same = { ...held, times: held.times.map((time) => time + 1n) };
    expect(Number(fitFreshness(freshness(), same, clicks)[0])).toBeLessThanOrEqual(1e-9);
  });
});
