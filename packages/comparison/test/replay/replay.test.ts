import { createWasmEngine } from '@gru4rec/engine-wasm';
import { Gru4Rec, type ModelConfig, parseConfig, train } from '@gru4rec/model';
import type { ReplayReport } from '@gru4rec/report';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type ReplayOptions, replay } from '../../src/replay/replay.ts';
import { LogReader, type ReplayLog } from '../../src/replay/replay-log.ts';

const engine = createWasmEngine({ threads: 1 });

/** Overlapping sessions over 30 items, the last ones of which appear late. */
function randomLog(clicks: number, seed = 1): ReplayLog {
  let word = seed;
  const next = (below: number) => {
    word = (Math.imul(word, 1103515245) + 12345) >>> 0;
    return (word >>> 8) % below;
  };
  let timeMs = 1_000_000;
  const rows = Array.from({ length: clicks }, (_, at) => {
    timeMs += next(3) * 20_000;
    return {
      session: Math.floor(at / 30) * 5 + next(9),
      item: next(3 + Math.ceil((27 * at) / clicks)),
      timeMs,
    };
  });
  return {
    sessions: Int32Array.from(rows, ({ session }) => session),
    items: Int32Array.from(rows, ({ item }) => item),
    timesMs: Float64Array.from(rows, (row) => row.timeMs),
    itemIds: Array.from({ length: 30 }, (_, item) => `item-${item}`),
    support: undefined,
  };
}

const log = randomLog(600);
const fromMs = log.timesMs[300] as number;

/** A model of the clicks before `fromMs`. */
async function trainedBefore(config: ModelConfig): Promise<Gru4Rec> {
  const reader = new LogReader(log);
  reader.readTo(log.timesMs.findIndex((time) => time >= fromMs));
  const data = reader.trainingData();
  const items = data.support.findLastIndex((count) => count > 0) + 1;
  const known = {
    ...data,
    itemIds: Array.from(log.itemIds).slice(0, items),
    support: data.support.slice(0, items),
  };
  return train(known, config, { engine });
}
const small = { layers: [8], batchSize: 4, nSample: 16, nEpochs: 2 };
const model = await trainedBefore(parseConfig(small));

const withFreshness = await trainedBefore(
  parseConfig({ ...small, parts: ['network', 'recent-clicks'], holdOut: 0.4 }),
);

/** A model that recommends what was clicked in the last minutes. */
function freshModel(): Gru4Rec {
  const tensors = withFreshness.tensors.map((tensor) =>
    tensor.name === 'fresh.weights' ? { ...tensor, values: Float32Array.of(20, 0, 0) } : tensor,
  );
  const { config, history, itemIds } = withFreshness;
  return new Gru4Rec({ config, history, itemIds, tensors, engine });
}

const replayed = (of: ReplayLog, more: Partial<ReplayOptions> = {}) =>
  replay(of, {
    ...{ model, engine, learner: {}, contenders: ['learner', 'frozen', 'pop', 'sr'], fromMs },
    ...{ everyMs: 600_000, cutoff: 20, ...more },
  });

/** Ranks by the clicks per item before the period, of the items that were clicked then. */
function naivePopularity({ sessions, items, timesMs }: ReplayLog, everyMs: number): number[] {
  const ranks: number[] = [];
  for (const [place, target] of items.entries()) {
    const periodMs = Math.floor((timesMs[place] as number) / everyMs) * everyMs;
    if ((timesMs[place] as number) < fromMs) continue;
    const isBefore = (other: number) => (timesMs[other] as number) < Math.max(periodMs, fromMs);
    const counts = new Map<number, number>();
    for (const [other, item] of items.entries())
      if (isBefore(other)) counts.set(item, 1 + (counts.get(item) ?? 0));
    const earlier = items.filter((_, other) => other < place && sessions[other] === sessions[place]);
    if (earlier.length === 0) continue;
    const own = counts.get(target);
    const isHit = own !== undefined && earlier.some((item) => counts.has(item));
    const rank = 1 + [...counts.values()].filter((count) => count > (own ?? 0)).length;
    ranks.push(isHit && rank <= 20 ? rank : 0);
  }
  return ranks;
}

describe('replay', () => {
  it('predicts every next click by what was clicked before its period, as a naive oracle does', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1000),
        fc.constantFrom(1, 60_000, 600_000, 10_000_000),
        async (seed, everyMs) => {
          const random = { ...randomLog(400, seed), timesMs: log.timesMs.subarray(0, 400) };
          const report = await replayed(random, { contenders: ['pop'], everyMs });
          const ranks = naivePopularity(random, everyMs);
          const mrr = ranks.reduce((sum, rank) => sum + (rank ? 1 / rank : 0), 0) / ranks.length;
          expect(report.contenders[0]).toMatchObject({
            predictions: ranks.length,
            recall: expect.closeTo(ranks.filter(Boolean).length / ranks.length, 12),
            mrr: expect.closeTo(mrr, 12),
          });
        },
      ),
      { numRuns: 6 },
    );
  });

  it.each([
    ...['learner', 'nightly', 'frozen', 'sr', 'v-sknn', 'r-pop'].map((name) => [name, 'network'] as const),
    ...['learner', 'nightly', 'frozen'].map((name) => [name, 'recent-clicks'] as const),
  ])('does not let %s, parts %s, know anything that happens later', async (name, part) => {
    const everyMs = 600_000;
    const [first, middle] = [300, 450].map(
      (at) => Math.floor((log.timesMs[at] as number) / everyMs) * everyMs,
    );
    // Days of an hour, so that nights fall into the log.
    const fast = { ...log, timesMs: log.timesMs.map((time) => time * 24) };
    const [from, cut, every] = [first as number, middle as number, everyMs].map((ms) => ms * 24) as [
      number,
      number,
      number,
    ];
    const of = part === 'network' ? model : freshModel();
    const given = { model: of, contenders: [name], fromMs: from, everyMs: every };
    const whole = await replayed(fast, given);
    const until = await replayed(fast, { ...given, toMs: cut });
    expect(until.periods.length).toBeGreaterThan(3);
    expect(whole.periods.filter(({ startMs }) => startMs < cut)).toEqual(until.periods);
  });

  it('learns nothing within a period, and new items over several', async () => {
    const onProgress = vi.fn();
    const once = await replayed(log, { contenders: ['learner', 'frozen'], everyMs: 1e12, onProgress });
    const clicks = log.timesMs.filter((time) => time >= fromMs).length;
    expect(onProgress.mock.calls).toEqual([[{ clicks, total: clicks }]]);
    expect(once.contenders[0]?.recall).toBe(once.contenders[1]?.recall);
    const often = await replayed(log);
    expect(often.contenders.map(({ name }) => name)).toEqual(['learner', 'frozen', 'pop', 'sr']);
    const [own, other] = often.contenders;
    expect(own?.cold.predictions).toBeGreaterThan(0);
    expect(other?.cold.recall).toBe(0);
    expect(own?.cold.recall).toBeGreaterThan(0);
    expect(other?.difference?.recall.difference).toBeCloseTo((own?.recall ?? 0) - (other?.recall ?? 0), 12);
  });

  it('counts items of the model without training events as cold', async () => {
    const [{ warm, cold, predictions }] = (await replayed(log)).contenders as [ReplayReport['contenders'][0]];
    expect(warm.predictions + cold.predictions).toBe(predictions);
    const support = new Int32Array(30).fill(1).fill(0, 0, 3);
    const [catalogue] = (await replayed({ ...log, support })).contenders;
    expect(catalogue?.predictions).toBe(predictions);
    expect(catalogue?.cold.predictions).toBeGreaterThan(cold.predictions);
  });

  it('lets a frozen model with freshness recommend new items that are clicked', async () => {
    const ofNow = { model: freshModel(), contenders: ['frozen'], everyMs: 60_000 };
    const [fresh] = (await replayed(log, ofNow)).contenders;
    const [stale] = (await replayed(log, { ...ofNow, model })).contenders;
    expect(stale?.cold.recall).toBe(0);
    expect(fresh?.cold.recall).toBeGreaterThan(0.2);
  });

  it('continues a model of a preset each night, also one fitted on a validation split, and refuses features of items', async () => {
    const values = { preset: 'fast', ...small, hardNegatives: 0, holdOut: 0.2 };
    const ofPreset = await trainedBefore(parseConfig(values));
    const withSplit = { ...ofPreset.config, holdOut: 0, patience: 2 };
    const { itemIds, history, tensors } = ofPreset;
    const fast = { ...log, timesMs: log.timesMs.map((time) => time * 24) };
    const given = (config: ModelConfig) => ({
      model: new Gru4Rec({ config, itemIds, history, tensors, engine }),
      ...{ contenders: ['nightly'], fromMs: fromMs * 24, everyMs: 3_600_000 },
    });
    for (const config of [ofPreset.config, withSplit]) {
      const [nightly] = (await replayed(fast, given(config))).contenders;
      expect(nightly?.cold.recall).toBeGreaterThan(0);
    }
    await expect(replayed(fast, given({ ...withSplit, itemFeatures: ['brand'] }))).rejects.toThrow(
      '--against nightly expected a model without features of items, got one with brand',
    );
  });

  it('leaves the items of the session out of its lists, and counts repeats as misses', async () => {
    const contenders = ['frozen', 'v-sknn'];
    const whole = await replayed(log, { contenders });
    const without = await replayed(log, { contenders, excludeSeen: true });
    const pairs = { ...log, sessions: log.sessions.map((_, at) => at >> 1) };
    const repeats = { ...pairs, items: log.items.map((_, at) => (at >> 1) % 3) };
    const missed = await replayed(repeats, { contenders, excludeSeen: true });
    for (const at of contenders.keys()) {
      expect(without.contenders[at]?.mrr).not.toBe(whole.contenders[at]?.mrr);
      expect(missed.contenders[at]).toMatchObject({ predictions: 151, recall: 0 });
    }
  });

  it('refuses a log without a next click', async () => {
    const single = { ...log, sessions: log.sessions.map((_, at) => at) };
    await expect(replayed(single)).rejects.toThrow(
      'expected clicks that follow another click of their session, got none',
    );
  });
});
