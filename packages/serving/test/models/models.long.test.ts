import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pointTo } from '@gru4rec/durable-files';
import { describe, expect, it } from 'vitest';
import { ItemsFile } from '../../src/index.ts';
import { saveTinyModel, startServer, startThread, statusOf, testFolder } from '../tiny-server.ts';

async function serveOne() {
  const folder = testFolder();
  const directory = join(folder, 'model');
  const next = join(folder, 'next');
  await saveTinyModel(directory);
  await saveTinyModel(next, { seed: 7 });
  const running = await startServer({ directory, watchMs: 20 });
  return { ...running, folder, directory, next };
}

const checksumOf = (directory: string) =>
  JSON.parse(readFileSync(join(directory, 'model.json'), 'utf8')).checksum;

/** Replaces a folder by renames, as `train --overwrite` does. */
function replace(directory: string, by: string): void {
  renameSync(directory, `${directory}.before`);
  renameSync(by, directory);
  rmSync(`${directory}.before`, { recursive: true });
}

describe('a replaced model folder', () => {
  it('serves in its latest version, however soon one follows the other', async () => {
    const { directory, next, folder, ask } = await serveOne();
    const last = join(folder, 'last');
    await saveTinyModel(last, { seed: 8 });
    const version = checksumOf(last);
    replace(directory, next);
    await setTimeout(70); // while it is loaded
    replace(directory, last);
    await expect.poll(async () => (await statusOf({ ask })).version, { timeout: 10_000 }).toBe(version);
  });
});

describe('a pointer to a model folder', () => {
  it('is noticed within a second, and changes nothing while it names a missing or broken folder', async () => {
    const folder = testFolder();
    const names = ['a', 'b', 'broken'];
    for (const [seed, name] of names.entries()) await saveTinyModel(join(folder, name), { seed: seed + 1 });
    const [a, b] = names.map((name) => checksumOf(join(folder, name)));
    writeFileSync(join(folder, 'broken', 'model.safetensors'), 'broken');
    const item = (name: string) => writeFileSync(join(folder, name, 'item-info.jsonl'), itemOf(name));
    const itemOf = (name: string) => `{"id":"1021","title":"Shoe of ${name}"}\n`;
    item('a');
    item('b');
    const pointer = join(folder, 'current');
    await pointTo(pointer, 'a');
    const items = await ItemsFile.open(join(pointer, 'item-info.jsonl'));
    let noticedMs = 0;
    const { ask } = await startServer({
      ...{ directory: pointer, items },
      startThread(data) {
        noticedMs = performance.now();
        return startThread(data);
      },
    });
    const status = () => statusOf({ ask });
    const metric = async () =>
      /^gru4rec_model_load_failed\{.*\} (\d)/m.exec((await ask('/metrics')).body)?.[1];
    const title = async () =>
      (await ask('/v1/sessions/ann/recommendations?n=30&fields=title')).body.items.find(
        ({ id }: { id: string }) => id === '1021',
      )?.title;
    await ask('/v1/sessions/ann/events', { item: '1022' });
    expect(await status()).toMatchObject({ version: a, error: null });
    expect(await title()).toBe('Shoe of a');

    const startMs = performance.now();
    await pointTo(pointer, 'b');
    await expect.poll(async () => (await status()).version, { timeout: 10_000 }).toBe(b);
    expect(noticedMs - startMs).toBeLessThan(1000);
    await expect.poll(title, { timeout: 10_000 }).toBe('Shoe of b');

    for (const [name, error] of [
      ['missing', /missing/],
      ['broken', /model\.safetensors/],
      ['../b', /current expected the name of a folder beside it, got "..\/b"/],
    ] as const) {
      await pointTo(pointer, name);
      await expect.poll(async () => (await status()).error, { timeout: 10_000 }).toMatch(error);
      expect(await status()).toMatchObject({ status: 'ready', folder: 'b', version: b });
      expect(await metric()).toBe('1');
      expect((await ask('/v1/models/shop/load', {})).status).toBe(409);
    }
    await pointTo(pointer, 'a');
    await expect.poll(async () => (await status()).version, { timeout: 10_000 }).toBe(a);
    expect([(await status()).error, await metric()]).toEqual([null, '0']);
    rmSync(join(folder, 'b'), { recursive: true });
    mkdirSync(join(folder, 'b'));
    expect((await ask('/v1/models/shop/load', {})).body).toMatchObject({ version: a });
  });
});
