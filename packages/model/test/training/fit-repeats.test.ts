import { createWasmEngine } from '@gru4rec/engine-wasm';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { RandomStream } from '@gru4rec/random';
import { expectClose, tinySessions } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { Gru4Rec } from '../../src/gru4rec.ts';
import { loadPrograms } from '../../src/scoring.ts';
import {
  collectRepeatClicks,
  fitRepeats,
  type RepeatClick,
  repeatObjective,
} from '../../src/training/fit-repeats.ts';
import { train } from '../../src/training/train.ts';
import { tinyConfig, tinyData } from '../tiny-data.ts';

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

const KEPT = 3;
const LISTED = 20;
const sessions = tinySessions({ sessions: 30, items: 30, seed: 8 });

/** The clicks of one session after another, from all scores of a scorer of one slot. */
function naiveClicks(model: Gru4Rec): RepeatClick[] {
  const plain = new Gru4Rec({
    ...{ engine: createReferenceEngine(), itemIds: model.itemIds, history: [], tensors: model.tensors },
    config: { ...model.config, repeatBias: 'none', finalAct: 'linear' },
  });
  const scoring = plain.scorer().open(1);
  const { sessionOffsets, items } = sessions;
  const clicks: RepeatClick[] = [];
  for (let session = 1; session < sessionOffsets.length; session++) {
    const own = items.subarray(sessionOffsets[session - 1], sessionOffsets[session]);
    for (let at = 0; at + 1 < own.length; at++) {
      const scores = scoring.step(own.slice(at, at + 1), Float32Array.of(at === 0 ? 1 : 0));
      const recent = [...new Set(own.slice(0, at + 1).reverse())].slice(0, KEPT);
      const others = Array.from(scores, (score, item) => ({ score, item }))
        .filter(({ item }) => !recent.includes(item))
        .sort((a, b) => b.score - a.score)
        .slice(0, LISTED);
      const target = own[at + 1] as number;
      const place = recent.indexOf(target);
      if (place < 0 && !others.some(({ item }) => item === target)) continue;
      clicks.push({
        history: Float64Array.from(recent, (item) => Number(scores[item])),
        others: Float64Array.from(others, ({ score }) => score),
        ...{ place, target: Number(scores[target]) },
      });
    }
  }
  return clicks;
}

/** Numbers in an order that does not depend on slots, nor on the order of other items. */
const flat = (clicks: readonly RepeatClick[]) =>
  clicks
    .map(({ history, others, place, target }) => [
      ...[place, history.length, others.length, target, ...history, ...others.toSorted()],
    ])
    .sort((a, b) => Number(a[3]) - Number(b[3]));

describe('collectRepeatClicks', () => {
  it.each([
    ['cross-entropy', {}],
    ['BPR-max behind an activation', { loss: 'bpr-max', finalAct: 'elu-0.5' }],
  ])('gives the clicks of a naive walk through the sessions: %s', async (_name, values) => {
    const engine = createWasmEngine({ threads: 1 });
    const config = tinyConfig({ ...values, repeatBias: 'constant', repeatLength: KEPT });
    const model = await train(tinyData(), config, { engine });
    const itemCount = model.itemIds.length;
    const load: Parameters<typeof collectRepeatClicks>[0]['load'] = (program) =>
      loadPrograms(engine, [program], model.tensors);
    const found = flat(await collectRepeatClicks({ config, itemCount, load }, sessions));
    const expected = flat(naiveClicks(model));
    expect(found.map((row) => row.length)).toEqual(expected.map((row) => row.length));
    for (const [at, row] of found.entries()) {
      for (const [i, value] of row.entries()) expect(value).toBeCloseTo(Number(expected[at]?.[i]), 4);
    }
    expect(found.some(([place]) => place === 0)).toBe(true);
    expect(found.some(([place]) => place === -1)).toBe(true);
  });
});
