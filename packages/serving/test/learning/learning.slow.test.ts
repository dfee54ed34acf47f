import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { type Gru4Rec, loadModel } from '@gru4rec/model';
import { describe, expect, it } from 'vitest';
import { EventLog, type LearnOptions, openSessionStore, type ServerOptions } from '../../src/index.ts';
import { testRedis } from '../sessions/redis.ts';
import {
  idsOf,
  type Reply,
  type Running,
  startServer,
  startThread,
  statusOf,
  testFolder,
} from '../tiny-server.ts';

const engine = createWasmEngine({ threads: 1 });

/** Starts a server that learns from its clicks. */
async function startLearning(
  folder = testFolder(),
  {
    learn: given,
    ...options
  }: Partial<Omit<ServerOptions, 'learn'>> & { readonly learn?: Partial<LearnOptions> } = {},
): Promise<Running & { readonly output: string }> {
  const log = await EventLog.open(join(folder, 'events'));
  const output = join(folder, 'learnt');
  const learn = { log, output, everyMs: 100, ...given };
  return { ...(await startServer({ observers: [log], learn, ...options })), output };
}

const metricOf = async ({ ask }: Running, name: string) => {
  const { body } = await ask('/metrics');
  return Number(new RegExp(`^gru4rec_learn_${name} (.*)$`, 'm').exec(body)?.[1]);
};

describe('A server that learns', () => {
  it('recommends a new item after its first clicks, and has learnt it when it is started again', async () => {
    const folder = testFolder();
    const running = await startLearning(folder);
    const { ask, server, model, output } = running;
    const [a, b] = model.itemIds.slice(0, 2) as [string, string];
    const before = await ask('/v1/sessions/guest/events', { item: a, allow: ['new'] });
    expect(before.body).toMatchObject({ items: [], modelVersion: model.checksum });
    for (let at = 0; at < 12; at++) {
      await ask(`/v1/sessions/s${at}/events`, { item: a });
      await ask(`/v1/sessions/s${at}/events`, { item: 'new' });
      await ask(`/v1/sessions/s${at}/events`, { item: b });
    }
    const listed = () => ask('/v1/sessions/guest/recommendations?allow=new').then(idsOf);
    await expect.poll(listed, { timeout: 10_000 }).toEqual(['new']);
    // Sessions like those that clicked it see it, among all items.
    await expect
      .poll(async () => idsOf(await ask('/v1/sessions/guest/recommendations?n=5')), { timeout: 10_000 })
      .toContain('new');
    const { version, lineage, items } = await statusOf(running);
    expect({ lineage, items }).toEqual({ lineage: model.checksum, items: 31 });
    expect(version).toMatch(new RegExp(`^${model.checksum}@\\d{4}-\\d\\d-\\d\\d:\\d+$`));
    expect((await ask('/v1/models/shop/load', {})).status).toBe(409);
    expect(await metricOf(running, 'pairs_total')).toBe(24);
    expect(await metricOf(running, 'new_items')).toBe(1);
    await server.stop({ probeMs: 0 });

    const learnt = await loadModel(output, { engine });
    expect(learnt.itemIds.indexOf('new')).toBe(30);
    const models = [{ name: 'shop', directory: running.directory }];
    const again = await startLearning(folder, { models });
    expect((await statusOf(again)).items).toBe(31);
    expect(await metricOf(again, 'pairs_total')).toBe(24);
    expect(await metricOf(again, 'unlearnt_bytes')).toBe(0);
    expect((await statusOf(again)).learning).toEqual({ state: 'learning', reason: null });
    // No line ends in this file.
    writeFileSync(join(folder, 'events', '2026-01-01.jsonl'), '{"torn');
    const reason = 'The log has 6 bytes that are not learnt';
    await expect.poll(async () => (await statusOf(again)).learning).toEqual({ state: 'failing', reason });
    expect(await metricOf(again, 'unlearnt_bytes')).toBe(6);
  });

  it('answers every request while versions follow each other and threads end', async () => {
    const threads: { readonly worker: Worker; readonly learns: boolean }[] = [];
    const running = await startLearning(testFolder(), {
      learn: { everyMs: 20 },
      startThread(data) {
        const worker = startThread(data);
        threads.push({ worker, learns: data.learn !== undefined });
        return worker;
      },
    });
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
        expect(new Set(idsOf({ body } as Reply)).size).toBe(body.items.length);
        expect(
          body.items.every(
            ({ id, score }: { id: string; score: number }) => id !== '' && Number.isFinite(score),
          ),
        ).toBe(true);
      }
    };
    await Promise.all(Array.from({ length: 12 }, (_, session) => visit(session)));
    expect(statuses.every((status) => status === 200)).toBe(true);
    expect(versions.size).toBeGreaterThan(1);
    // Two threads take turns with all versions.
    expect(threads.length).toBeLessThanOrEqual(4);

    // Not awaited: whoever takes a thread over removes its listeners, also the one that would say that it has ended.
    const answering = threads.filter(({ learns }) => !learns).map(({ worker }) => worker);
    for (const worker of answering) worker.terminate();
    const isOver = () => answering.every(({ threadId }) => threadId < 0);
    await expect.poll(isOver, { timeout: 10_000 }).toBe(true);
    const { items } = await statusOf(running);
    await expect.poll(async () => (await statusOf(running)).status, { timeout: 10_000 }).toBe('ready');
    expect((await statusOf(running)).items).toBeGreaterThanOrEqual(items ?? 31);
    await expect
      .poll(async () => (await ask('/v1/sessions/v1/recommendations')).status, { timeout: 10_000 })
      .toBe(200);

    await threads.find(({ learns }) => learns)?.worker.terminate();
    await expect.poll(() => metricOf(running, 'stopped'), { timeout: 10_000 }).toBe(1);
    expect(await metricOf(running, 'failing')).toBe(1);
    expect((await ask('/v1/sessions/v1/events', { item: model.itemIds.at(0) })).status).toBe(200);
    expect(await metricOf(running, 'unlearnt_bytes')).toBeGreaterThan(0);
  });
});

describe('A server whose learner has stopped', () => {
  it('serves the last good version, and says why it waits and until when, after a restart too', async () => {
    const folder = testFolder();
    const learn = { settings: { learningRate: 1e30 } };
    let running = await startLearning(folder, { learn });
    const { ask, model } = running;
    for (let at = 0; at < 60; at++) {
      const item = model.itemIds.at((7 * at) % 30);
      expect((await ask(`/v1/sessions/v${at % 20}/events`, { item })).status).toBe(200);
    }
    const isPaused = async () => (await statusOf(running)).learning.state;
    await expect.poll(isPaused, { timeout: 10_000 }).toBe('paused');
    const { learning } = await statusOf(running);
    expect(learning.reason).toMatch(/; it learns again at 20\d\d-/);
    await running.server.stop({ probeMs: 0 });
    const models = [{ name: 'shop', directory: running.directory }];
    running = await startLearning(folder, { learn, models });
    expect((await statusOf(running)).learning).toEqual(learning);
    expect(await metricOf(running, 'stopped')).toBe(0);
    const untilMs = 1000 * (await metricOf(running, 'paused_until_timestamp_seconds'));
    expect(learning.reason).toContain(new Date(untilMs).toISOString());
    expect((await running.ask('/v1/sessions/v1/events', { item: model.itemIds.at(0) })).status).toBe(200);
  });
});

describe('A server that learns beside Redis', () => {
  const redis = testRedis();

  it('learns each click once while Redis is gone, and after it', async () => {
    const sessions = await openSessionStore(redis().url());
    const running = await startLearning(testFolder(), { sessions });
    const { ask, model } = running;
    const visit = async (name: string) => {
      // An item may be in 20 clicks of a minute, or more of a busier server.
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
    await expect.poll(() => metricOf(running, 'clicks_total'), { timeout: 15_000 }).toBe(3 * 6 * 3);
    expect((await statusOf(running)).learning).toEqual({ state: 'learning', reason: null });
    expect(await metricOf(running, 'new_items')).toBe(3);
    expect(await metricOf(running, 'dropped_clicks_total')).toBe(0);
  });
});

describe('A server that stops while it learns', () => {
  it('publishes no version after its model is closed, and learns what was clicked', async () => {
    const folder = testFolder();
    const log = await EventLog.open(join(folder, 'events'));
    let threads = 0;
    // Clicks that are logged when the model is closed.
    const late = {
      async close() {
        for (let at = 0; at < 60; at++) {
          const click = { item: String(running.model.itemIds.at((5 * at) % 30)), timeMs: Date.now() };
          await log.onClick({ sessionId: `s${at % 20}`, click, recommendationId: undefined, model: 'shop' });
          await setTimeout(10);
        }
      },
    };
    const output = join(folder, 'learnt');
    const running = await startServer({
      observers: [late, log],
      learn: { log, output, everyMs: 1 },
      startThread(data) {
        threads++;
        return startThread(data);
      },
    });
    await expect.poll(() => metricOf(running, 'versions_total'), { timeout: 10_000 }).toBe(1);
    expect(threads).toBe(3);
    await running.server.stop({ probeMs: 0 });
    expect(threads).toBe(3);
    const [learnt, before] = [
      await loadModel(output, { engine }),
      await loadModel(running.directory, { engine }),
    ];
    const clicks = ({ recentClicks }: Gru4Rec) => recentClicks?.reduce((sum, count) => sum + count, 0) ?? 0;
    expect(clicks(learnt)).toBeGreaterThan(clicks(before) + 50);
  });
});
