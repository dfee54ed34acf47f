import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EventLog, ItemsFile } from '../../src/index.ts';
import { columnsOf, saveFeaturedModel, withItems } from '../featured-model.ts';
import {
  createEngine,
  type Running,
  saveTinyModel,
  startServer,
  statusOf,
  type TinyOptions,
  testFolder,
  topOf,
} from '../tiny-server.ts';

const none = { new: [], changed: [], kept: [], unknown: [] };
const p1 = { id: 'p1', ...columnsOf(8) };
const p2 = { id: 'p2', ...columnsOf(4) };

/** Serves the model of a folder, which is trained if there is none, with posted items and those of `items.csv`, if there is one. */
async function serve(folder: string, options: TinyOptions = {}): Promise<Running> {
  const directory = join(folder, 'model');
  if (!existsSync(directory)) await saveFeaturedModel(directory);
  const file = join(folder, 'items.csv');
  const items = await ItemsFile.open(existsSync(file) ? file : undefined, {
    posted: join(folder, 'posted.jsonl'),
  });
  return startServer({ directory, items, ...options });
}

const listOf = async ({ ask }: Running) => {
  const { body } = await ask('/v1/recommend', { items: ['1021'], n: 40 });
  return body.items as { id: string; score: number }[];
};
const isListed = async (running: Running, id: string) =>
  (await listOf(running)).some((item) => item.id === id);

describe('posted items', () => {
  it('are there again after a restart, and in the same version', async () => {
    const folder = testFolder();
    const first = await serve(folder);
    const { body } = await first.ask('/v1/items', { items: [p1, p2] });
    await expect(ItemsFile.open(undefined, { posted: join(folder, 'posted.jsonl') })).rejects.toThrow(
      'is being written by process',
    );
    const before = await listOf(first);
    await first.server.stop({ probeMs: 0 });
    const second = await serve(folder);
    expect(await listOf(second)).toEqual(before);
    expect((await statusOf(second)).version).toBe(body.models[0].modelVersion);
    expect((await statusOf(second)).lineage).toBe(body.models[0].modelVersion.split('+')[0]);
  });

  it('count until a later items file has them', async () => {
    const folder = testFolder();
    const file = join(folder, 'items.csv');
    writeFileSync(file, 'id,brand,title\np1,b1,word1\np3,b2,\n');
    const first = await serve(folder);
    for (const id of ['p1', 'p3']) expect(await isListed(first, id)).toBe(true);
    await first.ask('/v1/items', { items: [p1, p2] });
    const posted = () => readFileSync(join(folder, 'posted.jsonl'), 'utf8');
    expect(posted().split('\n')).toHaveLength(3);
    // The next file has p1 with its old columns, and lacks p3.
    writeFileSync(file, 'id,brand,title\np1,b1,word1\n');
    await expect.poll(() => isListed(first, 'p3'), { timeout: 10_000 }).toBe(false);
    const model = await saveFeaturedModel(join(testFolder(), 'model'));
    const best = topOf(withItems(model, { p1: { brand: 'b1', title: 'word1' }, p2 }), ['1021'], 40);
    expect(await listOf(first)).toEqual(best);
    expect(posted()).toBe(`${JSON.stringify({ brand: p2.brand, title: p2.title, id: 'p2' })}\n`);
    await first.ask('/v1/items', { items: [p1] });
    await first.server.stop({ probeMs: 0 });
    // A server that was not there when the file was changed.
    const later = new Date(Date.now() + 60_000);
    utimesSync(file, later, later);
    const second = await serve(folder);
    expect(await listOf(second)).toEqual(best);
  });

  it('are of the model when a later training knows them', async () => {
    const folder = testFolder();
    const running = await serve(folder);
    await running.ask('/v1/items', { items: [p1, p2] });
    const { id: _, ...columns } = p1;
    const next = await saveFeaturedModel(join(folder, 'model'), { seed: 5 }, { p1: columns });
    await running.ask('/v1/models/shop/load', {});
    expect(await listOf(running)).toEqual(topOf(withItems(next, { p2 }), ['1021'], 40));
    const { body } = await running.ask('/v1/items', { items: [p1] });
    expect(body.models[0]).toMatchObject({ ...none, kept: ['p1'] });
  });

  it('are refused by models without features, and without a file', async () => {
    const folder = testFolder();
    const post = async (running: Running) => running.ask('/v1/items', { items: [p1] });
    const items = await ItemsFile.open(undefined, { posted: join(folder, 'posted.jsonl') });
    expect(await post(await startServer({ items }))).toMatchObject({
      status: 409,
      body: {
        detail: 'No model that is served has features of items (itemFeatures), so new items need a training',
      },
    });
    expect(existsSync(join(folder, 'posted.jsonl'))).toBe(false);
    const directory = join(folder, 'model');
    await saveFeaturedModel(directory);
    const without = await post(await startServer({ directory }));
    expect(without).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('--posted-items') },
    });
    await expect(ItemsFile.open(undefined, { posted: join(folder, 'posted.csv') })).rejects.toThrow(
      'expected a file .jsonl',
    );
  });

  it('reach the models with features among several, and leave the event loop', async () => {
    const folder = testFolder();
    await saveFeaturedModel(join(folder, 'a'));
    await saveTinyModel(join(folder, 'b'));
    const models = ['a', 'b'].map((name) => ({ name, directory: join(folder, name) }));
    const items = await ItemsFile.open(undefined, { posted: join(folder, 'posted.jsonl') });
    const running = await startServer({ models, items, createEngine, inference: { maxLoopMs: 1000 } });
    const placesOf = async () =>
      (await running.ask('/v1/models')).body.models.map(
        ({ place, items: count }: Record<string, unknown>) => [place, count],
      );
    expect(await placesOf()).toEqual([
      ['event loop', 30],
      ['event loop', 30],
    ]);
    const { body } = await running.ask('/v1/items', { items: [p1] });
    expect(body.models).toMatchObject([{ model: 'a', new: ['p1'] }]);
    expect(await placesOf()).toEqual([
      ['thread', 31],
      ['event loop', 30],
    ]);
  });
});

describe('a server that learns', () => {
  const learning = async (folder: string) => {
    const log = await EventLog.open(join(folder, 'events'));
    const learn = { log, output: join(folder, 'learnt'), everyMs: 100 };
    return serve(folder, { observers: [log], learn });
  };

  it('gives posted items a row of their own, which begins with that of their features', async () => {
    const folder = testFolder();
    writeFileSync(join(folder, 'items.csv'), `id,brand,title\np3,${p2.brand},${p2.title}\n`);
    const running = await learning(folder);
    const model = await saveFeaturedModel(join(testFolder(), 'model'));
    const { body } = await running.ask('/v1/items', {
      items: [p1, { ...columnsOf(9), id: model.itemIds.at(1) }],
    });
    expect(body.models[0]).toMatchObject({ new: ['p1'], changed: [], kept: [model.itemIds.at(1)] });
    // In learning, items have no features and the cold offset stays in the bias.
    const before = await listOf(running);
    expect(before).toEqual(topOf(withItems(model, { p3: p2, p1 }), ['1021'], 40));
    for (let at = 0; at < 12; at++) {
      for (const item of ['1021', 'p1', '1035']) await running.ask(`/v1/sessions/s${at}/events`, { item });
    }
    const scoreOf = async (of: Running) => (await listOf(of)).find(({ id }) => id === 'p1')?.score ?? 0;
    const scoreBefore = before.find(({ id }) => id === 'p1')?.score;
    await expect.poll(() => scoreOf(running), { timeout: 10_000 }).toBeGreaterThan(scoreBefore ?? 0);
    await running.server.stop({ probeMs: 0 });
    const learnt = await learning(folder);
    expect((await statusOf(learnt)).items).toBe(32);
    expect(await scoreOf(learnt)).toBeGreaterThan(scoreBefore ?? 0);
  });
});
