import { SessionHistory, sliceSessions } from '@gru4rec/batcher';
import type { Choice } from '@gru4rec/metrics';
import type { Engine, Program } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { expectClose, tinySessions } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import type { Gru4Rec } from '../../src/gru4rec.ts';
import { countCoOccurrences } from '../../src/parts/count-co-occurrences.ts';
import { collectPartClicks, fitParts, type PartClick } from '../../src/parts/fit-parts.ts';
import { loadPrograms, Scoring } from '../../src/scoring.ts';
import type { StoredTensor } from '../../src/storage/tensors.ts';
import { engine, inBlocks, reference, tinyConfig, tinyData, trainTiny } from '../tiny-data.ts';

/** Rows of features as sparse choices. */
function choiceOf(rows: readonly (readonly number[])[], chosen: number): Choice {
  const cells = rows.map((row) => [...row.entries()].filter(([, value]) => value !== 0));
  let end = 0;
  return {
    ends: Int32Array.from(cells, ({ length }) => (end += length)),
    columns: Uint16Array.from(cells.flat(), ([column]) => column),
    values: Float64Array.from(cells.flat(), ([, value]) => value),
    chosen,
  };
}

const LENGTH = 4;
const OTHERS = 8;
const config = tinyConfig({ parts: ['network', 'repeats', 'co-occurrences'], repeatLength: LENGTH });

/**
 * Clicks drawn from softmax(τ·(s + ρ)) over normal scores, ρ = c + w·l + v·l̄ + a·s for the items of the session, u·n for others.
 * @param c - [K]
 */
function drawClicks(
  count: number,
  c: readonly number[],
  tau = 1,
  [w, v, a, u]: readonly [number, number, number, number] = [0, 0, 0, 0],
  length = c.length,
): PartClick[] {
  const random = new RandomStream(5, 'test.fit-parts');
  return Array.from({ length: count }, () => {
    const places = 1 + Math.floor(random.nextFloat() * c.length);
    const scores = Float64Array.from({ length: places + OTHERS }, () => random.nextNormal());
    const near = scores.map((_, i) => (i < places ? 0 : Math.max(0, random.nextNormal())));
    const logs = Array.from({ length: places }, () => Math.log(1 + Math.floor(6 * random.nextFloat())));
    const mean = logs.reduce((sum, one) => sum + one, 0) / places;
    const weights = Array.from(scores, (score, i) => {
      const added = c[i]! + w * logs[i]! + v * mean + a * score;
      return Math.exp(tau * (score + (i < places ? added : u * near[i]!)));
    });
    let left = random.nextFloat() * weights.reduce((sum, weight) => sum + weight, 0);
    let drawn = 0;
    while (drawn < scores.length - 1 && left >= weights[drawn]!) left -= weights[drawn++]!;
    const rows = Array.from(scores, (score, i) => {
      const row = new Array<number>(length + 5).fill(0);
      row[length + 4] = score;
      if (i >= places) row[length + 3] = near[i]!;
      else row.splice(length, 3, logs[i]!, mean, score);
      if (i < places) row[i] = 1;
      return row;
    });
    return { ...choiceOf(rows, drawn), scores };
  });
}

/** c, then w, v, a and u, of a fit. */
function fit(clicks: readonly PartClick[], length = LENGTH): number[] {
  const fitted = fitParts(clicks, { ...config, repeatLength: length });
  expect(Object.keys(fitted)).toEqual(['repeats.weights', 'co-occurrences.weights']);
  return Object.values(fitted).flatMap((weights) => Array.from(weights, (weight) => weight + 0));
}

describe('fitParts', () => {
  it.each([
    [0.5, 8000],
    [3, 8000],
  ])('finds the weights that clicks were drawn with, for scores of scale 1 / %d', (tau, count) => {
    const drawn = [1.5, 1, 0.5, 0.25, 0.6, 0.4].map((value) => value / tau);
    const [c, [w = 0, v = 0]] = [drawn.slice(0, LENGTH), drawn.slice(LENGTH)];
    const fitted = fit(drawClicks(count, c, tau, [w, v, -0.5, 0.8 / tau]));
    for (const [k, value] of drawn.entries()) expect(Math.abs(fitted[k]! - value) * tau).toBeLessThan(0.2);
    expect(fitted.at(-2)).toBeCloseTo(-0.5, 1);
    expect(Math.abs(fitted.at(-1)! * tau - 0.8)).toBeLessThan(0.1);
  });

  it('is near 0 where parts say nothing, and never lowers what a part may only raise', () => {
    const fitted = fit(drawClicks(12_000, [0, 0, 0, 0], 1, [0, 0, 0, -0.3]));
    expect(Math.max(...fitted.map(Math.abs))).toBeLessThan(0.15);
    expect(fitted.at(-1)).toBe(0);
  });

  it('keeps a place that no click reaches near the others and 0', () => {
    const fitted = fit(drawClicks(1000, [2, 2], 1, undefined, 20), 20);
    expect(fitted[0]).toBeGreaterThan(1.5);
    expect(Math.abs(fitted[19]!)).toBeLessThan(fitted[3]!);
  });

  it.each([
    ['no clicks', []],
    ['equal scores', [{ ...choiceOf([[1], [0, 0, 0, 0, 0, 0, 0, 1]], 0), scores: Float64Array.of(1, 1) }]],
  ])('is 0 with %s', (_name, clicks) => {
    expect(fit(clicks)).toEqual(new Array(LENGTH + 4).fill(0));
  });

  it('lets parts order the items where scores contradict the clicks', () => {
    const contrary = drawClicks(3000, [1.5, 1, 0.5, 0.25], 1, [0, 0, 0, 0.8]).map((click) => {
      const isScore = (at: number) => Number(click.columns[at]) === LENGTH + 4;
      const values = click.values.map((value, at) => (isScore(at) ? -value : value));
      return { ...click, values, scores: click.scores.map((score) => -score) };
    });
    const fitted = fit(contrary);
    const near = fitted.at(-1)!;
    expect(near).toBeGreaterThan(10);
    for (const [k, drawn] of [1.5, 1, 0.5, 0.25].entries())
      expect(Math.abs(fitted[k]! / near - drawn / 0.8)).toBeLessThan(0.3);
  });
});

const KEPT = 3;
const LISTED = 20;
const sessions = tinySessions({ sessions: 30, items: 30, seed: 8 });

/** [I] What co-occurrences add for a weight of 1, by the formula over the sessions of `tinyData`. */
function naiveCoOccurrences(itemCount: number, recent: readonly number[]): number[] {
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

const scoringOn = (engine: Engine, { config, itemIds, tensors }: Gru4Rec) => ({
  ...{ config, itemCount: itemIds.length },
  load: (program: Program) => loadPrograms(engine, [program], tensors),
});

/** The choices of one session after another, as rows of features, sorted so that slots and order do not matter. */
function naiveRows(model: Gru4Rec): number[][][] {
  const scoring = new Scoring({ ...scoringOn(reference, model), slots: 1, linear: true });
  const { sessionOffsets, items } = sessions;
  const clicks: number[][][] = [];
  for (let session = 1; session < sessionOffsets.length; session++) {
    const own = items.subarray(sessionOffsets[session - 1], sessionOffsets[session]);
    for (let at = 0; at + 1 < own.length; at++) {
      const scores = scoring.step(own.slice(at, at + 1), Float32Array.of(at === 0 ? 1 : 0));
      const past = [...own.slice(0, at + 1)].reverse();
      const recent = [...new Set(past)].slice(0, KEPT);
      const near = naiveCoOccurrences(scores.length, recent);
      const bestBy = (of: ArrayLike<number>) =>
        Array.from(scores.keys())
          .filter((item) => !recent.includes(item) && of[item] !== 0)
          .sort((a, b) => Number(of[b]) - Number(of[a]))
          .slice(0, LISTED);
      const all = [...new Set([...recent, ...bestBy(scores), ...bestBy(near)])];
      const chosen = all.indexOf(own[at + 1]!);
      if (chosen < 0) continue;
      // An item that leaves the last ones is counted anew.
      const row = new SessionHistory(1, KEPT);
      for (const item of own.subarray(0, at + 1)) row.add(0, item);
      const logs = Array.from(row.counts.subarray(0, recent.length), Math.log);
      const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
      const rows = all.map((item, i) => {
        const place = Array.from({ length: KEPT }, (_, k) => Number(k === i && i < recent.length));
        const own = i < recent.length ? [logs[i]!, mean, scores[item]!] : [0, 0, 0];
        return [...place, ...own, near[item]!, scores[item]!];
      });
      clicks.push([rows[chosen]!, ...rows.toSorted((a, b) => a.at(-1)! - b.at(-1)!)]);
    }
  }
  scoring.close();
  return sorted(clicks);
}

const sorted = (clicks: number[][][]) => clicks.sort((a, b) => a[0]!.at(-1)! - b[0]!.at(-1)!);

function rowsOf({ ends, columns, values, chosen }: PartClick): number[][] {
  const rows = Array.from(ends, (end, i) => {
    const row = new Array<number>(KEPT + 5).fill(0);
    for (let at = i === 0 ? 0 : ends[i - 1]!; at < end; at++) row[columns[at]!] = values[at]!;
    return row;
  });
  return [rows[chosen]!, ...rows.toSorted((a, b) => a.at(-1)! - b.at(-1)!)];
}

describe('countCoOccurrences', () => {
  it('counts the same in memory and on disk', async () => {
    const { inMemory, onDisk } = inBlocks(tinyData(), 7);
    expect(await countCoOccurrences(onDisk)).toEqual(await countCoOccurrences(inMemory));
  });

  it('goes on from the tables of a model, whose sessions count less', async () => {
    const { itemIds, support, train } = tinyData();
    const count = async (first: number, end: number, before?: readonly StoredTensor[]) => {
      const sessionStartTimes = train.sessionStartTimes.slice(first, end);
      const some = { ...sliceSessions(train, first, end), sessionStartTimes };
      const tensors = await countCoOccurrences({ itemIds, support, train: some }, before);
      const [others, table, weights] = tensors.map(({ values }) => values);
      const similarities = new Float64Array(itemIds.length ** 2);
      for (const [at, similarity] of (table ?? []).entries())
        similarities[Math.floor(at / 29) * 30 + Number(others?.[at])] += similarity;
      const scale = (pair: number) =>
        Math.sqrt((Number(weights?.[Math.floor(pair / 30)]) + 3) * (Number(weights?.[pair % 30]) + 3));
      return { tensors, similarities, scale, weights: Array.from(weights ?? []) };
    };
    const [first, second] = [await count(0, 20), await count(20, 40)];
    const both = await count(20, 40, first.tensors);
    for (const [item, weight] of both.weights.entries())
      expect(weight).toBeCloseTo(Number(second.weights[item]) + 0.9 * Number(first.weights[item]), 5);
    for (const [pair, similarity] of both.similarities.entries()) {
      const [before, now] = [first, second].map((one) => Number(one.similarities[pair]) * one.scale(pair));
      expect(similarity * both.scale(pair)).toBeCloseTo(Number(now) + 0.9 * Number(before), 4);
    }
    expect(both.similarities.filter((one) => one > 0).length).toBeGreaterThan(100);
  });
});

describe('collectPartClicks', () => {
  it.each([
    ['cross-entropy', {}],
    ['BPR-max behind an activation', { loss: 'bpr-max', finalAct: 'elu-0.5' }],
  ])('gives the clicks of a naive walk through the sessions: %s', async (_name, values) => {
    const trained = { parts: config.parts, repeatLength: KEPT, ...values };
    const model = await trainTiny(trained, { validation: sessions });
    const tables = await countCoOccurrences(tinyData());
    const clicks = await collectPartClicks(scoringOn(engine, model), sessions, tables);
    const expected = naiveRows(model);
    const collected = sorted(clicks.map(rowsOf));
    expect(collected.map((rows) => rows.length)).toEqual(expected.map((rows) => rows.length));
    for (const [at, rows] of collected.entries()) {
      expectClose(rows.flat(), expected[at]!.flat(), { absolute: 1e-4, relative: 1e-4 });
    }
    expect(collected.some(([chosen]) => chosen![0] === 1)).toBe(true);
    expect(collected.some(([chosen]) => chosen![6]! > 0)).toBe(true);
  });
});
