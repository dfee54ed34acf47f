import { sliceSessions } from '@gru4rec/batcher';
import { evaluate } from '@gru4rec/metrics';
import { tinySessions } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { Gru4Rec } from '../../src/gru4rec.ts';
import { addItems } from '../../src/item-rows.ts';
import { Learner } from '../../src/learning/learner.ts';
import { Freshness, freshVariables, withoutFreshness } from '../../src/parts/freshness.ts';
import type { TrainingData } from '../../src/training/training-data.ts';
import { engine, inBlocks, reloaded, tensorOf, trainOn } from '../tiny-data.ts';

const HOUR_MS = 3_600_000;
const both = { parts: ['network', 'recent-clicks', 'age'] } as const;

interface Click {
  readonly item: number;
  readonly timeMs: number;
}

/** A session every ten minutes. For two hours each, half of the clicks are on one item, and then on the next. */
function newsData() {
  const { itemIds, ...random } = tinySessions({ sessions: 240, items: 30, seed: 4 });
  const items = random.items.slice();
  const times = new BigInt64Array(items.length);
  const startOf = (session: number) => 1.5e12 + session * 600_000;
  for (let s = 0; s < 240; s++) {
    const [first = 0, end = 0] = random.sessionOffsets.subarray(s, s + 2);
    for (let event = first; event < end; event++) {
      times[event] = BigInt(startOf(s) + (event - first) * 1000);
      if (event > first)
        items[event] = (event + Math.floor(s / 12)) % 2 === 0 ? Math.floor(s / 12) : Number(items[event]);
    }
  }
  const sessionStartTimes = random.sessionStartTimes.map((_, s) => startOf(s));
  const support = new Int32Array(30);
  for (const item of items) support[item] = 1 + Number(support[item]);
  return { itemIds, support, train: { ...random, items, sessionStartTimes, times } };
}

describe('train with freshness', async () => {
  const data = newsData();
  const config = { ...both, holdOut: 0.2, layers: [6] };
  const model = await trainOn(data, config);
  const lastMs = Number(data.train.times.at(-1));
  const recallAt = (timeMs: number | undefined, clicks: readonly Click[] = []) => {
    const own = new Gru4Rec({ ...model, engine });
    for (const { item, timeMs: ms } of clicks) own.observe(item, ms);
    if (timeMs !== undefined) own.renew(timeMs);
    return own;
  };

  it('finds that recent clicks tell the next ones, and has the biases of its last click', () => {
    const weights = tensorOf(model, freshVariables.weights);
    expect(weights.subarray(0, 3).some((weight) => weight > 0)).toBe(true);
    const freshness = new Freshness(both, 30);
    for (const [at, item] of data.train.items.entries())
      freshness.observe(item, Number(data.train.times[at]));
    expect(tensorOf(model, freshVariables.bias)).toEqual(
      freshness.biasAt(lastMs, tensorOf(model, 'by'), weights),
    );
  });

  it('has the same bits from sessions on disk', async () => {
    const { inMemory, onDisk } = inBlocks(data, 37);
    const of = async (from: TrainingData) => (await trainOn(from, config)).tensors;
    expect(await of(onDisk)).toEqual(await of(inMemory));
  });

  it('lists an item higher once it is clicked, in scorers and live sessions', () => {
    const item = 3;
    const nowMs = lastMs + HOUR_MS;
    const clicks = Array.from({ length: 50 }, () => ({ item, timeMs: nowMs }));
    const scoreOf = (own: Gru4Rec) =>
      Number(own.scorer().open(1).step(Int32Array.of(7), Float32Array.of(1))[item]);
    expect(scoreOf(recallAt(nowMs, clicks))).toBeGreaterThan(scoreOf(recallAt(nowMs)));
    const live = recallAt(undefined);
    const session = live.startSession();
    session.click(String(data.itemIds[7]));
    const score = () => Number(session.rank([String(data.itemIds[item])]).items[0]?.score);
    const before = score();
    for (const { timeMs } of clicks) live.observe(item, timeMs);
    expect(score()).toBe(before);
    live.renew(nowMs);
    expect(score()).toBeGreaterThan(before);
    expect(score()).toBeCloseTo(scoreOf(live), 4);
  });

  it('is kept by folders, and goes on where the model ended', async () => {
    const loaded = await reloaded(model);
    expect(loaded.tensors).toEqual(model.tensors);
    loaded.renew(lastMs + HOUR_MS);
    const own = recallAt(lastMs + HOUR_MS);
    const sessions = { sessionOffsets: data.train.sessionOffsets, items: data.train.items };
    const options = { cutoffs: [20], tieRule: 'standard' } as const;
    expect(evaluate(loaded.scorer(), sessions, options)).toEqual(evaluate(own.scorer(), sessions, options));
  });

  it('is continued with its freshness, and learnt on from its biases without', async () => {
    const more = await trainOn(data, config, { from: model });
    expect(tensorOf(more, freshVariables.ages)).toEqual(tensorOf(model, freshVariables.ages));
    const learner = new Learner(model, { engine });
    const learnt = learner.model();
    learner.dispose();
    expect(learnt.config.parts).toEqual(['network']);
    const names = learnt.tensors.map(({ name }) => name);
    expect(names.some((name) => name.startsWith('fresh.'))).toBe(false);
    expect(tensorOf(learnt, 'by')).toEqual(tensorOf(model, freshVariables.bias));
    expect(withoutFreshness(learnt.tensors)).toBe(learnt.tensors);
  });

  it('keeps items without a click in the data of a continued training, and counts on', async () => {
    const some = sliceSessions(data.train, 160, 240);
    const latest = {
      ...some,
      items: some.items.map((item) => (item === 7 ? 8 : item)),
      sessionStartTimes: data.train.sessionStartTimes.slice(160),
      times: some.times.map((time) => time + 40n * 3_600_000n),
    };
    const more = await trainOn({ ...data, train: latest }, config, { from: model });
    const age = (of: Gru4Rec) => Number(tensorOf(of, freshVariables.ages)?.[7]);
    const hours = (Number(latest.times.at(-1)) - lastMs) / HOUR_MS;
    expect(age(more)).toBeCloseTo(age(model) + hours, 2);
    expect(Number(tensorOf(more, freshVariables.bias)?.[7])).toBeGreaterThan(-1e3);
  });

  it('recommends a new item after its first click', () => {
    const added = { ids: ['new', 'later'], features: new Int32Array() };
    const grown = new Gru4Rec({ ...addItems(model, added), engine });
    const index = grown.itemIndex('new') ?? -1;
    const biases = tensorOf(grown, freshVariables.bias);
    expect(biases?.subarray(30)).toEqual(Float32Array.of(-1e30, -1e30));
    const learner = new Learner(grown, { engine });
    expect(tensorOf(learner.model(), 'by')?.subarray(30)).toEqual(new Float32Array(2));
    learner.dispose();
    const nowMs = lastMs + 1000;
    for (let click = 0; click < 50; click++) grown.observe(index, nowMs);
    grown.renew(nowMs);
    const session = grown.startSession();
    session.click(String(data.itemIds[7]));
    const listed = session.recommend(31).map(({ id }) => id);
    expect(listed.indexOf('new')).toBeLessThan(5);
    expect(listed.slice(0, 30)).not.toContain('later');
  });

  it('gives a model with one-hot input items too', async () => {
    const plain = await trainOn(data, { constrainedEmbedding: false });
    const added = addItems(plain, { ids: ['new'], features: new Int32Array() });
    const session = new Gru4Rec({ ...added, engine }).startSession();
    expect(session.click('new')).toBe(true);
    expect(session.recommend(31)).toHaveLength(31);
  });

  it('does nothing without a time, sessions to fit, or freshness', async () => {
    const { times: _, ...timeless } = data.train;
    await expect(trainOn({ ...data, train: timeless }, config)).rejects.toThrow(
      'train: freshness expected sessions with "times", one per event in milliseconds, got none.',
    );
    await expect(trainOn(data, both)).rejects.toThrow(
      '"validation" expected held-out sessions with the parts recent-clicks, age, got none.',
    );
    const plain = await trainOn(data);
    plain.observe(3, lastMs);
    plain.renew(lastMs);
    expect(plain.tensors.some(({ name }) => name.startsWith('fresh.'))).toBe(false);
  });
});
