import { SessionHistory } from '@gru4rec/batcher';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { RandomStream } from '@gru4rec/random';
import { expectClose, tinySessions } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { Gru4Rec } from '../../src/gru4rec.ts';
import { SessionNeighbours } from '../../src/neighbours.ts';
import { loadPrograms } from '../../src/scoring.ts';
import type { StoredTensor } from '../../src/storage/tensors.ts';
import { countNeighbours } from '../../src/training/count-neighbours.ts';
import {
  collectRepeatClicks,
  fitRepeats,
  type RepeatClick,
  repeatObjective,
} from '../../src/training/fit-repeats.ts';
import { train } from '../../src/training/train.ts';
import { dataOf, inBlocks, tinyConfig, tinyData } from '../tiny-data.ts';

const LENGTH = 4;
const OTHERS = 8;

/**
 * Clicks drawn from softmax(τ·(s + ρ)) over normal scores, ρ = c + w·l + v·l̄ + a·s for the items of the history, u·n for others.
 * @param c - [K]
 */
function drawClicks(
  count: number,
  c: readonly number[],
  tau = 1,
  [w, v, a, u] = [0, 0, 0, 0],
  seed = 5,
): RepeatClick[] {
  const random = new RandomStream(seed, 'test.fit-repeats');
  return Array.from({ length: count }, () => {
    const history = Float64Array.from({ length: 1 + Math.floor(random.nextFloat() * c.length) }, () =>
      random.nextNormal(),
    );
    const others = Float64Array.from({ length: OTHERS }, () => random.nextNormal());
    const neighbours = others.map(() => Math.max(0, random.nextNormal()));
    const clicks = history.map(() => Math.log(1 + Math.floor(3 * random.nextFloat())));
    const mean = clicks.reduce((sum, one) => sum + one, 0) / clicks.length;
    const scores = [...history, ...others];
    const weights = scores.map((score, i) => {
      const added = Number(c[i]) + w * Number(clicks[i]) + v * mean + a * score;
      const near = u * Number(neighbours[i - history.length]);
      return Math.exp(tau * (score + (i < history.length ? added : near)));
    });
    let left = random.nextFloat() * weights.reduce((sum, weight) => sum + weight, 0);
    let drawn = 0;
    while (drawn < scores.length - 1 && left >= Number(weights[drawn])) left -= Number(weights[drawn++]);
    const place = drawn < history.length ? drawn : -1;
    return { history, clicks, others, neighbours, place, other: place < 0 ? drawn - history.length : -1 };
  });
}

/** The objective, written as its formula. */
function naiveObjective(given: readonly RepeatClick[], x: readonly number[]): number {
  const d = x.slice(0, -5);
  const [w, v, a, u, tau] = x.slice(-5) as [number, number, number, number, number];
  let value = 0;
  for (const { history, clicks, others, neighbours, place, other } of given) {
    const mean = clicks.reduce((sum, one) => sum + one, 0) / clicks.length;
    const added = Array.from(history, (s, k) => Number(d[k]) + w * Number(clicks[k]) + v * mean + a * s);
    const logits = [
      ...Array.from(history, (s, k) => tau * s + Number(added[k])),
      ...Array.from(others, (s, i) => tau * s + u * Number(neighbours[i])),
    ];
    const sum = logits.reduce((all, logit) => all + Math.exp(logit), 0);
    value += Math.log(sum) - Number(logits[place < 0 ? history.length + other : place]);
  }
  for (const at of [...d, w, v, a, u]) value += at ** 2 / 2;
  for (const [k, at] of d.slice(1).entries()) value += 10 * (at - Number(d[k])) ** 2;
  return value;
}

describe('repeatObjective', () => {
  const clicks = drawClicks(30, [1, 0.5, 0, -0.5]);
  const x = [0.3, -0.2, 0.1, 0.4, 0.2, -0.3, -0.4, 0.5, 1.3];
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

/** c, then w, v, a and u, of a fit; W has w on its diagonal, v in its last row and zeros elsewhere. */
function fit(clicks: readonly RepeatClick[], length: number): number[] {
  const { 'repeat.c': c = [], 'repeat.V': matrix = [], ...rest } = fitRepeats(clicks, length);
  const { 'repeat.a': own = [], 'repeat.w': near = [] } = rest;
  const [w, v] = [Number(matrix[0]), Number(matrix.at(-1))];
  const expected = Array.from({ length: length * (length + 1) }, (_, at) => {
    if (at >= length * length) return v;
    return at % (length + 1) === 0 ? w : 0;
  });
  expect([...matrix]).toEqual(expected);
  expect(new Set(own).size).toBe(1);
  return [...c, w, v, Number(own[0]), Number(near[0])].map((value) => value + 0);
}

describe('fitRepeats', () => {
  const one = Float64Array.of(1);
  it.each([0.5, 1, 6])('finds the bias that clicks were drawn with, for scores of scale 1 / %d', (tau) => {
    const drawn = [1.5, 1, 0.5, 0.25, 0.6, 0.4].map((value) => value / tau);
    const [c, [w = 0, v = 0]] = [drawn.slice(0, LENGTH), drawn.slice(LENGTH)];
    const fitted = fit(drawClicks(20_000, c, tau, [w, v, -0.5, 0.8 / tau]), LENGTH);
    for (const [k, value] of drawn.entries())
      expect(Math.abs(Number(fitted[k]) - value) * tau).toBeLessThan(0.2);
    expect(fitted.at(-2)).toBeCloseTo(-0.5, 1);
    expect(Math.abs(Number(fitted.at(-1)) * tau - 0.8)).toBeLessThan(0.1);
  });

  it('is near 0 where repeats carry nothing', () => {
    const fitted = fit(drawClicks(20_000, [0, 0, 0, 0], 1, [0, 0, 0, -0.3]), LENGTH);
    expect(Math.max(...fitted.map(Math.abs))).toBeLessThan(0.15);
    // Neighbours never lower a score.
    expect(fitted.at(-1)).toBe(0);
  });

  it('keeps a place that no click reaches near its neighbours and 0', () => {
    const fitted = fit(drawClicks(2000, [2, 2]), 20);
    expect(fitted[0]).toBeGreaterThan(1.5);
    expect(Math.abs(Number(fitted[19]))).toBeLessThan(Number(fitted[3]));
  });

  it.each([
    ['no clicks', []],
    ['equal scores', [{ history: one, clicks: one, others: one, neighbours: one, place: 0, other: -1 }]],
    [
      'scores that contradict the clicks',
      drawClicks(500, [0, 0]).map((click) => ({
        ...click,
        ...{ place: -1, other: click.others.indexOf(Math.min(...click.others)) },
        neighbours: click.others.map(() => 0),
      })),
    ],
  ])('is 0 with %s', (_name, clicks) => {
    expect(fit(clicks, LENGTH)).toEqual(new Array(LENGTH + 4).fill(0));
  });
});

const KEPT = 3;
const LISTED = 20;
const SHARE = 0.8;
const sessions = tinySessions({ sessions: 30, items: 30, seed: 8 });

/** [I] What neighbours get for a weight of 1, by the formula over the sessions of `tinyData`. */
function naiveNeighbours(itemCount: number, recent: readonly number[]): number[] {
  const { sessionOffsets, items } = tinyData().train;
  const sets = Array.from(
    sessionOffsets.subarray(1),
    (end, i) => new Set(items.subarray(sessionOffsets[i], end)),
  );
  const weightOf = (...wanted: number[]) =>
    sets
      .filter((set) => wanted.every((item) => set.has(item)))
      .reduce((sum, { size }) => sum + 1 / Math.sqrt(Math.max(1, size - 1)), 0);
  return Array.from({ length: itemCount }, (_, j) => {
    if (recent.includes(j)) return 0;
    const x = recent.reduce((sum, i, k) => {
      return sum + (0.8 ** k * weightOf(i, j)) / Math.sqrt((weightOf(i) + 3) * (weightOf(j) + 3));
    }, 0);
    return Math.log(1 + x / 0.02);
  });
}

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
      const near = naiveNeighbours(scores.length, recent);
      const bestBy = (of: ArrayLike<number>) =>
        Array.from(scores.keys())
          .filter((item) => !recent.includes(item) && of[item] !== 0)
          .sort((a, b) => Number(of[b]) - Number(of[a]))
          .slice(0, LISTED);
      const others = [...new Set([...bestBy(scores), ...bestBy(near)])];
      const target = own[at + 1] as number;
      const place = recent.indexOf(target);
      if (place < 0 && !others.includes(target)) continue;
      const row = new SessionHistory(1, KEPT);
      for (const item of own.subarray(0, at + 1)) row.add(0, item);
      clicks.push({
        history: Float64Array.from(recent, (item) => Number(scores[item])),
        clicks: Float64Array.from(row.counts.subarray(0, recent.length), Math.log),
        others: Float64Array.from(others, (item) => Number(scores[item])),
        neighbours: Float64Array.from(others, (item) => Number(near[item])),
        ...{ place, other: others.indexOf(target) },
      });
    }
  }
  return clicks;
}

/** Numbers in an order that does not depend on slots, nor on the order of other items. */
const flat = (clicks: readonly RepeatClick[]) =>
  clicks
    .map(({ history, clicks, others, neighbours, place, other }) => [
      ...[
        place,
        history.length,
        others.length,
        Number((place < 0 ? others : history)[Math.max(place, other)]),
      ],
      ...[neighbours[other] ?? 0, ...history, ...clicks, ...others.toSorted(), ...neighbours.toSorted()],
    ])
    .sort((a, b) => Number(a[3]) - Number(b[3]));

describe('countNeighbours', () => {
  it('counts the same in memory and on disk', async () => {
    const { inMemory, onDisk } = inBlocks(tinyData(), 7);
    expect(await countNeighbours(onDisk)).toEqual(await countNeighbours(inMemory));
  });

  it('adds a share of what the model before had, also of items without a session since', async () => {
    const { itemIds } = tinyData();
    const data = dataOf([...itemIds], [itemIds.slice(0, 3), itemIds.slice(1, 4)]);
    const [before, now] = [await countNeighbours(tinyData()), await countNeighbours(data)];
    const similarities = ([items, table]: readonly StoredTensor[]) => {
      const all = new Float64Array(itemIds.length ** 2);
      for (const [at, similarity] of (table?.values ?? []).entries())
        all[Math.floor(at / 29) * 30 + Number(items?.values[at])] += similarity;
      return all;
    };
    const [first, second] = [similarities(before), similarities(now)];
    const both = similarities(await countNeighbours(data, before));
    for (const [at, sum] of both.entries())
      expect(sum).toBeCloseTo(Number(second[at]) + SHARE * Number(first[at]), 6);
    expect(first.filter((one, at) => one > 0 && second[at] === 0).length).toBeGreaterThan(100);
  });
});

describe('collectRepeatClicks', () => {
  it.each([
    ['cross-entropy', {}],
    ['BPR-max behind an activation', { loss: 'bpr-max', finalAct: 'elu-0.5' }],
  ])('gives the clicks of a naive walk through the sessions: %s', async (_name, values) => {
    const engine = createWasmEngine({ threads: 1 });
    const config = tinyConfig({ ...values, repeatBias: 'auto', repeatLength: KEPT });
    const model = await train(tinyData(), config, { engine, validation: sessions });
    const itemCount = model.itemIds.length;
    const load: Parameters<typeof collectRepeatClicks>[0]['load'] = (program) =>
      loadPrograms(engine, [program], model.tensors);
    const neighbours = new SessionNeighbours(await countNeighbours(tinyData()), itemCount, 1);
    const found = flat(await collectRepeatClicks({ config, itemCount, neighbours, load }, sessions));
    const expected = flat(naiveClicks(model));
    expect(found.map((row) => row.length)).toEqual(expected.map((row) => row.length));
    for (const [at, row] of found.entries()) {
      for (const [i, value] of row.entries()) expect(value).toBeCloseTo(Number(expected[at]?.[i]), 4);
    }
    expect(found.some(([place]) => place === 0)).toBe(true);
    expect(found.some(([place]) => place === -1)).toBe(true);
  });
});
