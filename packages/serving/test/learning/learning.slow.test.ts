import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pointTo } from '@gru4rec/durable-files';
import { type Gru4Rec, loadModel } from '@gru4rec/model';
import { describe, expect, it } from 'vitest';
import { EventLog, ItemsFile, type LearnOptions, openSessionStore } from '../../src/index.ts';
import { openLearner } from '../../src/learning/learner-folder.ts';
import { learnDefaults } from '../../src/learning/learning.ts';
import { eventOf } from '../clicks.ts';
import { saveFeaturedModel } from '../featured-model.ts';
import { testRedis } from '../sessions/redis.ts';
import {
  engine,
  idsOf,
  keptThreads,
  type Running,
  saveTinyModel,
  startServer,
  statusOf,
  type TinyOptions,
  testFolder,
} from '../tiny-server.ts';
import { learntAtOnce, learntIn } from './learnt-log.ts';

/** Starts a server that learns from its clicks. */
async function startLearning(
  folder = testFolder(),
  { learn: given, ...options }: Omit<TinyOptions, 'learn'> & { readonly learn?: Partial<LearnOptions> } = {},
): Promise<Running & { readonly output: string }> {
  const log = await EventLog.open(join(folder, 'events'));
  const output = join(folder, 'learnt');
  const learn = { log, output, everyMs: 100, ...given };
  return { ...(await startServer({ observers: [log], learn, ...options })), output };
}

const SOON = { timeout: 20_000 };

const metricOf = async ({ ask }: Running, name: string) => {
  const { body } = await ask('/metrics');
  return Number(new RegExp(`^gru4rec_learn_${name} (.*)$`, 'm').exec(body)?.[1]);
};

describe('A server that learns', () => {
  it('recommends a new item after its first clicks, and has learnt it when it is started again', async () => {
    const folder = testFolder();
    const running = await startLearning(folder);
    const { ask, server, model, output } = running;
    const [a, b, c, d] = model.itemIds.slice(0, 4) as [string, string, string, string];
    const before = await ask('/v1/sessions/guest/events', { item: a, allow: ['new'] });
    expect(before.body).toMatchObject({ items: [], modelVersion: model.checksum });
    for (let at = 0; at < 6; at++) {
      for (const item of at % 2 ? [a, 'new', b] : [c, 'new', d])
        await ask(`/v1/sessions/s${at}/events`, { item });
    }
    const listed = () => ask('/v1/sessions/guest/recommendations?allow=new').then(idsOf);
    await expect.poll(listed, SOON).toEqual(['new']);
    // Sessions like those that clicked it see it, among all items.
    await expect
      .poll(async () => idsOf(await ask('/v1/sessions/guest/recommendations?n=5')), SOON)
      .toContain('new');
    // A version before may have learnt only some of the clicks.
    await expect.poll(() => metricOf(running, 'pairs_total'), SOON).toBe(12);
    await setTimeout(500);
    const { version, lineage, items } = await statusOf(running);
    expect({ lineage, items }).toEqual({ lineage: model.checksum, items: 31 });
    expect(version).toMatch(new RegExp(`^${model.checksum}@\\d{4}-\\d\\d-\\d\\d:\\d+$`));
    expect((await ask('/v1/models/shop/load', {})).body.version).toBe(version);
    expect(await metricOf(running, 'pairs_total')).toBe(12);
    expect(await metricOf(running, 'new_items')).toBe(1);
    await server.stop({ probeMs: 0 });

    const learnt = await loadModel(output, { engine });
    expect(learnt.itemIds.indexOf('new')).toBe(30);
    const again = await startLearning(folder, { directory: running.directory });
    expect((await statusOf(again)).items).toBe(31);
    expect(await metricOf(again, 'pairs_total')).toBe(12);
    expect(await metricOf(again, 'unlearnt_bytes')).toBe(0);
    expect((await statusOf(again)).learning).toEqual({ state: 'learning', reason: null });
    // No line ends in this file.
    writeFileSync(join(folder, 'events', '2026-01-01.jsonl'), '{"torn');
    const reason = 'The log has 6 bytes that are not learnt';
    await expect.poll(async () => (await statusOf(again)).learning).toEqual({ state: 'failing', reason });
    expect(await metricOf(again, 'unlearnt_bytes')).toBe(6);
  });

  it('answers every request while versions follow each other and threads end', async () => {
    const { threads, start } = keptThreads();
    const running = await startLearning(testFolder(), { learn: { everyMs: 20 }, startThread: start });
    const { ask, model } = running;
    const versions = new Set<string>();
    const statuses: number[] = [];
    const visit = async (session: number) => {
      for (let at = 0; at < 150; at++) {
        const item = at % 7 === 0 ? `new${session}-${at}` : String(model.itemIds.at((7 * session + at) % 30));
        const { status, body } = await ask(`/v1/sessions/v${session}/events`, { item, n: 40 });
        statuses.push(status);
        versions.add(body.modelVersion);
        // A list of one version has each item once, and none that it does not know.
        const { items } = body as { items: { id: string; score: number }[] };
        expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
        expect(items.every(({ id, score }) => id !== '' && Number.isFinite(score))).toBe(true);
      }
    };
    await Promise.all(Array.from({ length: 12 }, (_, session) => visit(session)));
    expect(statuses.every((status) => status === 200)).toBe(true);
    expect(versions.size).toBeGreaterThan(1);
    // Two threads take turns with all versions.
    expect(threads.length).toBeLessThanOrEqual(4);

    // Not awaited: whoever takes a thread over removes its listeners, also the one that would say that it has ended.
    const answering = threads.filter(({ data }) => !data.learn).map(({ worker }) => worker);
    for (const worker of answering) worker.terminate();
    const isOver = () => answering.every(({ threadId }) => threadId < 0);
    await expect.poll(isOver, SOON).toBe(true);
    const { items } = await statusOf(running);
    await expect.poll(async () => (await statusOf(running)).status, SOON).toBe('ready');
    expect((await statusOf(running)).items).toBeGreaterThanOrEqual(items ?? 31);
    await expect.poll(async () => (await ask('/v1/sessions/v1/recommendations')).status, SOON).toBe(200);

    await threads.find(({ data }) => data.learn)?.worker.terminate();
    await expect.poll(() => metricOf(running, 'stopped'), SOON).toBe(1);
    expect(await metricOf(running, 'failing')).toBe(1);
    expect((await ask('/v1/sessions/v1/events', { item: model.itemIds.at(0) })).status).toBe(200);
    expect(await metricOf(running, 'unlearnt_bytes')).toBeGreaterThan(0);
  });
});

describe('A server that learns beside Redis', () => {
  const redis = testRedis();

  it('learns each click once while Redis is gone, and after it', async () => {
    const sessions = await openSessionStore(redis().url());
    const running = await startLearning(testFolder(), { sessions, learn: { settings: { itemShare: 1 } } });
    const { ask, model } = running;
    const visit = async (name: string) => {
      for (let at = 0; at < 6; at++) {
        for (const item of [model.itemIds.at(0), `new-${name}`, model.itemIds.at(1)]) {
          const { status } = await ask(`/v1/sessions/${name}${at}/events`, { item, n: 3 });
          expect(status).toBe(200);
        }
      }
    };
    await visit('before');
    await redis().stop();
    await visit('without');
    expect((await ask('/health/ready')).body.sessions).toBe('unavailable');
    await redis().run();
    await visit('after');
    await expect.poll(() => metricOf(running, 'clicks_total'), SOON).toBe(3 * 6 * 3);
    expect((await statusOf(running)).learning).toEqual({ state: 'learning', reason: null });
    expect(await metricOf(running, 'new_items')).toBe(3);
    expect(await metricOf(running, 'dropped_clicks_total')).toBe(0);
  });
});

describe('A server that stops while it learns', () => {
  it('publishes no version after its model is closed, and learns what was clicked', async () => {
    const folder = testFolder();
    const log = await EventLog.open(join(folder, 'events'));
    const { threads, start } = keptThreads();
    // Clicks that are logged when the model is closed.
    const late = {
      async close() {
        for (let at = 0; at < 60; at++) {
          const item = String(running.model.itemIds.at((5 * at) % 30));
          await log.onClick(eventOf(`s${at % 20}`, item, { timeMs: Date.now() }));
          await setTimeout(10);
        }
      },
    };
    const output = join(folder, 'learnt');
    const running = await startServer({
      observers: [late, log],
      learn: { log, output, everyMs: 1, settings: { itemShare: 1 } },
      startThread: start,
    });
    await expect.poll(() => metricOf(running, 'versions_total'), SOON).toBe(1);
    expect(threads).toHaveLength(3);
    await running.server.stop({ probeMs: 0 });
    expect(threads).toHaveLength(3);
    const clicks = ({ recentClicks }: Gru4Rec) => recentClicks?.reduce((sum, count) => sum + count, 0) ?? 0;
    expect(clicks(await loadModel(output, { engine }))).toBeGreaterThan(clicks(running.model) + 50);
  });
});

describe('A server that learns, whose model is replaced', () => {
  /** Clicks until it is stopped. @returns the lineages of the answers, in order. */
  function visit({ ask, model }: Running) {
    const seen: string[] = [];
    let isOn = true;
    const visiting = (async () => {
      for (let at = 0; isOn; at++) {
        const item = at % 50 === 3 ? `new${at}` : model.itemIds.at((7 * at) % 30);
        const { status, body } = await ask(`/v1/sessions/v${at % 9}/events`, { item });
        expect(status).toBe(200);
        const lineage = body.modelVersion.slice(0, 64);
        if (seen.at(-1) !== lineage) seen.push(lineage);
      }
    })();
    const stop = async () => {
      isOn = false;
      await visiting;
      return seen;
    };
    return { seen, stop };
  }

  it('goes on from the new one where its dataset ends, each click once, and serves the old one until then', async () => {
    const folder = testFolder();
    const events = join(folder, 'events');
    const pointer = join(folder, 'current');
    const [today = '', logThrough = ''] = [0, 86_400_000].map((ms) =>
      new Date(Date.now() - ms).toISOString().slice(0, 10),
    );
    const dataset = { checksum: 'x', directory: 'data', lastMs: 1, logThrough };
    const [a, b, c] = await Promise.all(
      ['a', 'b', 'c'].map(async (name, seed) => {
        const info = name === 'a' ? {} : { dataset };
        return (await saveTinyModel(join(folder, name), { seed: seed + 1 }, info)).checksum;
      }),
    );
    mkdirSync(events);
    // In the datasets of `b` and `c`.
    writeFileSync(join(events, `${logThrough}.jsonl`), '{"SessionId":"old","ItemId":"1021"}\n');
    await pointTo(pointer, 'a');
    const running = await startLearning(folder, { directory: pointer, watchMs: 100 });
    const visits = visit(running);
    await expect.poll(() => metricOf(running, 'pairs_total'), SOON).toBeGreaterThan(100);
    const lineage = async () => (await statusOf(running)).lineage;
    await pointTo(pointer, 'b');
    await expect.poll(lineage, SOON).toBe(b);
    await expect.poll(() => visits.seen.at(-1), SOON).toBe(b);
    // The second of two that follow each other soon.
    await pointTo(pointer, 'a');
    expect((await running.ask('/v1/models/shop/load', {})).status).toBe(200);
    await pointTo(pointer, 'c');
    expect((await running.ask('/v1/models/shop/load', {})).status).toBe(200);
    await expect.poll(lineage, SOON).toBe(c);
    await expect.poll(() => visits.seen.at(-1), SOON).toBe(c);
    expect((await statusOf(running)).folder).toBe('c');
    const seen = await visits.stop();
    // `a`, which does not say where to begin, may have served between them.
    expect([seen[0], ...seen.slice(1).filter((one) => one !== a)]).toEqual([a, b, c]);
    const lines = readFileSync(join(events, `${today}.jsonl`), 'utf8').split('\n').length - 1;
    await expect.poll(() => metricOf(running, 'clicks_total'), SOON).toBe(lines);
    expect((await statusOf(running)).error).toBeNull();
    await running.server.stop({ probeMs: 0 });
    const { saved } = (await openLearner(running.output, engine)) ?? {};
    // The model of the guard.
    expect(saved?.base).toBe(c);
    const options = { directory: join(folder, 'c'), output: join(testFolder(), 'learnt') };
    const atOnce = await learntAtOnce(events, { ...options, settings: learnDefaults });
    expect(await learntIn(running.output)).toEqual(atOnce);
  });

  it('keeps posted items, with the features that the new one gives them', async () => {
    const folder = testFolder();
    const pointer = join(folder, 'current');
    const next = await saveFeaturedModel(join(folder, 'b'), { seed: 2 });
    await saveFeaturedModel(join(folder, 'a'));
    await pointTo(pointer, 'a');
    const items = await ItemsFile.open(undefined, { posted: join(folder, 'posted.jsonl') });
    const running = await startLearning(folder, { directory: pointer, watchMs: 100, items });
    const post = (id: string) =>
      running.ask('/v1/items', { items: [{ id, brand: 'b1', title: 'word1 and' }] });
    expect((await post('posted')).status).toBe(200);
    await pointTo(pointer, 'b');
    const lineage = async () => (await statusOf(running)).lineage;
    await expect.poll(lineage, SOON).toBe(next.checksum);
    await expect.poll(async () => (await statusOf(running)).items, SOON).toBe(31);
    expect((await post('later')).status).toBe(200);
    expect((await statusOf(running)).items).toBe(32);
  });
});
