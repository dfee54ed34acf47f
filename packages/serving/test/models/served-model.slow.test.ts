import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { ItemsFile } from '../../src/index.ts';
import { startVersion } from '../../src/inference/loop-inference.ts';
import { inferenceLimits } from '../../src/inference/model-version.ts';
import { ServedModel } from '../../src/models/served-model.ts';
import { columnsOf, saveFeaturedModel } from '../featured-model.ts';
import {
  createEngine,
  idsOf,
  keptThreads,
  saveTinyModel,
  startServer,
  type startThread,
  testFolder,
} from '../tiny-server.ts';

const options = (start: typeof startThread) => ({
  ...{ ...inferenceLimits, maxLoopMs: 1000, startThread: start },
});

it('keeps nothing of a model that it refuses because the items do not fit', async () => {
  const [folder, running] = [testFolder(), keptThreads()];
  const [directory, next] = [join(folder, 'model'), join(folder, 'next')];
  const { checksum } = await saveFeaturedModel(directory);
  await saveFeaturedModel(next, { itemVectors: ['text'] });
  const file = join(folder, 'items.jsonl');
  writeFileSync(file, `${JSON.stringify({ id: 'f1', ...columnsOf(2), text: [0.5, 0.25] })}\n`);
  const items = await ItemsFile.open(file, { posted: join(folder, 'posted.jsonl') });
  const { ask } = await startServer({ directory, items, watchMs: 0, startThread: running.start });
  await vi.waitFor(() => expect(running.running()).toBe(2), 10_000);
  rmSync(directory, { recursive: true });
  renameSync(next, directory);
  for (let load = 0; load < 2; load++) {
    expect((await ask('/v1/models/shop/load', undefined, { method: 'POST' })).status).toBe(409);
  }
  await vi.waitFor(() => expect(running.running()).toBe(2), 10_000);
  const { status, body } = await ask('/v1/items', { items: [{ id: 'p1', ...columnsOf(8) }] });
  expect(status).toBe(200);
  expect(body.models[0].modelVersion).toMatch(new RegExp(`^${checksum}\\+`));
});

it('serves with the items as they are when a load ends, not as they were when it began', async () => {
  const file = join(testFolder(), 'items.jsonl');
  writeFileSync(file, '{"id":"1007","available":true}\n');
  const items = await ItemsFile.open(file);
  const { ask } = await startServer({ items, watchMs: 0 });
  const listed = async () => idsOf(await ask('/v1/recommend', { items: ['1021'], n: 30 })).includes('1007');
  expect(await listed()).toBe(true);
  const catalogueOf = items.catalogueOf.bind(items);
  vi.spyOn(items, 'catalogueOf').mockImplementationOnce(async (ids) => {
    const made = await catalogueOf(ids);
    writeFileSync(file, '{"id":"1007","available":false}\n');
    await vi.waitFor(() => expect(items.get('1007')?.available).toBe(false), 10_000);
    await setTimeout(100);
    return made;
  });
  expect((await ask('/v1/models/shop/load', undefined, { method: 'POST' })).status).toBe(200);
  expect(await listed()).toBe(false);
});

it('ends the thread of a version whose engine on the event loop cannot be made', async () => {
  const [directory, running] = [join(testFolder(), 'model'), keptThreads()];
  await saveTinyModel(directory);
  const loopEngine = async () => {
    throw new Error('no engine');
  };
  await expect(
    startVersion({ directory }, { ...options(running.start), learns: false, loopEngine }),
  ).rejects.toThrow('no engine');
  await vi.waitFor(() => expect(running.running()).toBe(0), 10_000);
});

it('serves on the event loop though the thread ends before', async () => {
  const [directory, running] = [join(testFolder(), 'model'), keptThreads()];
  await saveTinyModel(directory);
  const served = new ServedModel(
    { name: 'shop', directory },
    {
      items: undefined,
      inference: {
        ...options(running.start),
        loopEngine: async () => {
          await running.threads[0]?.worker.terminate();
          return createEngine();
        },
      },
    },
  );
  await served.load();
  expect(served.status).toMatchObject({ status: 'ready', place: 'event loop', error: null });
  await served.close();
});
