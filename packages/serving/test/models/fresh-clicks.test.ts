import { Gru4Rec, parseConfig, train } from '@gru4rec/model';
import { tinySessions } from '@gru4rec/test-support';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Inference } from '../../src/inference/inference.ts';
import { type ClicksSince, noRules } from '../../src/inference/messages.ts';
import { inferenceLimits, type ModelVersion } from '../../src/inference/model-version.ts';
import { FreshClicks } from '../../src/models/fresh-clicks.ts';
import { eventOf } from '../clicks.ts';
import { engine, startHere, testFolder } from '../tiny-server.ts';

const START_MS = Date.UTC(2026, 0, 5);
const EVERY_MS = 1000;

const trending = { clicks: new Float32Array(3), halfLifeMs: EVERY_MS, lastMs: START_MS - EVERY_MS };

/** A version that records what it is told, with the items a, b and c. */
function version(isFresh = true, lineage = '') {
  const told: ClicksSince[] = [];
  const itemIds = ['a', 'b', 'c'];
  const inference = {
    isFresh,
    lineage,
    itemIds,
    trending,
    follow: (clicks: ClicksSince) => told.push(clicks),
  };
  return { served: inference as unknown as ModelVersion, told };
}

describe('FreshClicks', () => {
  beforeEach(() => void vi.useFakeTimers({ now: START_MS }));
  afterEach(() => void vi.useRealTimers());
  const click = (fresh: FreshClicks, item: string, session = 's') => fresh.onClick(eventOf(session, item));

  it('tells each click once, with its time, and none of unknown items', async () => {
    const { served, told } = version();
    const fresh = new FreshClicks(EVERY_MS);
    fresh.serve('shop', served);
    told.pop();
    click(fresh, 'b');
    vi.advanceTimersByTime(400);
    click(fresh, 'new');
    click(fresh, 'a');
    vi.advanceTimersByTime(600);
    vi.advanceTimersByTime(EVERY_MS);
    await fresh.close();
    vi.advanceTimersByTime(EVERY_MS);
    expect(told).toMatchObject([
      {
        items: Int32Array.of(1, 0),
        timesMs: Float64Array.of(START_MS, START_MS + 400),
        nowMs: START_MS + EVERY_MS,
      },
      { items: new Int32Array(0), timesMs: new Float64Array(0), nowMs: START_MS + 2 * EVERY_MS },
    ]);
  });

  it('tells a version that is loaded later what came before it, and only what is trending without freshness', async () => {
    const [first, second, plain] = [version(), version(), version(false)];
    const fresh = new FreshClicks(EVERY_MS);
    fresh.serve('shop', first.served);
    fresh.serve('plain', plain.served);
    click(fresh, 'c');
    vi.advanceTimersByTime(EVERY_MS);
    click(fresh, 'a');
    fresh.serve('shop', second.served);
    vi.advanceTimersByTime(2 * EVERY_MS);
    await fresh.close();
    expect(first.told.map(({ items }) => [...items])).toEqual([[], [2]]);
    expect(second.told.map(({ items }) => [...items])).toEqual([[2, 0], [], []]);
    // With no new click, nothing new is trending.
    expect(plain.told.map(({ items }) => [...items])).toEqual([[], [], []]);
  });

  it('counts an item once per session, goes on for a learner, and begins again with another model', async () => {
    const fresh = new FreshClicks(EVERY_MS);
    const [first, learnt, next] = [version(), version(), version(false, 'next')];
    const scores = ({ told }: typeof first) => [...(told.at(-1)?.trending ?? [])];
    // Lines of the event log, before a version serves.
    for (const session of ['s', 't', 'u', 's']) click(fresh, 'b', session);
    for (const session of ['s', 't', 't']) click(fresh, 'c', session);
    fresh.serve('shop', first.served);
    expect(scores(first)).toEqual([0, 3, 0]);
    vi.advanceTimersByTime(EVERY_MS);
    click(fresh, 'c', 'u');
    fresh.serve('shop', learnt.served);
    expect(scores(learnt)).toEqual([0, 1.5, 2]);
    fresh.serve('shop', next.served);
    expect(scores(next)).toEqual([0, 1.5, 2]);
    await fresh.close();
  });
});

describe('a model with freshness', () => {
  it('answers with the clicks that it was told of', async () => {
    const { itemIds, support, ...sessions } = tinySessions({ sessions: 40, items: 30, seed: 3 });
    const times = BigInt64Array.from(sessions.items, (_, at) => BigInt(START_MS - 60_000 + at));
    const config = parseConfig({
      ...{ layers: [6], batchSize: 6, nSample: 16, nEpochs: 1, holdOut: 0.1 },
      parts: ['network', 'recent-clicks'],
    });
    const trained = await train({ itemIds, support, train: { ...sessions, times } }, config, { engine });
    const weighted = trained.tensors.map((tensor) =>
      tensor.name === 'fresh.weights' ? { ...tensor, values: Float32Array.of(9, 0, 0) } : tensor,
    );
    const directory = `${testFolder()}/model`;
    await new Gru4Rec({ ...trained, tensors: weighted, engine }).save(directory);
    const inference = await Inference.start({ directory }, { ...inferenceLimits, startThread: startHere });
    const question = { sessionId: undefined, dropped: 0, items: [0], n: 5, rules: noRules };
    const counts = { trending: new Float32Array(30) };
    const nothing = { items: new Int32Array(0), timesMs: new Float64Array(0), ...counts };
    inference.follow({ ...nothing, nowMs: START_MS - 60_000 });
    const before = (await inference.ask(question)).items;
    const rare = Array.from({ length: 30 }).findIndex((_, item) => item > 0 && !before.includes(item));
    const clicks = Array<number>(500).fill(rare);
    // Training has counted what is not later than its last click.
    const early = { items: Int32Array.from(clicks), timesMs: new Float64Array(500).fill(START_MS - 90_000) };
    inference.follow({ ...early, ...counts, nowMs: START_MS - 60_000 });
    expect((await inference.ask(question)).items).toEqual(before);
    inference.follow({
      items: Int32Array.from(clicks),
      timesMs: Float64Array.from(clicks, () => START_MS),
      nowMs: START_MS,
      ...counts,
    });
    expect((await inference.ask(question)).items[0]).toBe(rare);
    expect(inference.isFresh).toBe(true);
    await (await inference.close())?.terminate();
  });
});
