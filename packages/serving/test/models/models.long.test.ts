import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { saveTinyModel, startServer, statusOf, testFolder } from '../tiny-server.ts';

const WATCH = { watchMs: 20 } as const;

async function serveOne(options: Parameters<typeof startServer>[0] | object = {}) {
  const folder = testFolder();
  const directory = join(folder, 'model');
  const next = join(folder, 'next');
  await saveTinyModel(directory);
  await saveTinyModel(next, { seed: 7 });
  const running = await startServer({ models: [{ name: 'shop', directory }], ...WATCH, ...options });
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

  it('that is broken leaves the earlier version serving, and says so until a good one comes', async () => {
    const lines: string[] = [];
    const logger = pino({ base: null }, { write: (line: string) => void lines.push(line) });
    const { directory, next, folder, ask } = await serveOne({ logger });
    const version = checksumOf(directory);
    const broken = join(folder, 'broken');
    cpSync(next, broken, { recursive: true });
    const file = join(broken, 'model.safetensors');
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(file, bytes);
    replace(directory, broken);
    await expect
      .poll(async () => (await statusOf({ ask })).error, { timeout: 10_000 })
      .toContain('model.safetensors');
    expect(await statusOf({ ask })).toMatchObject({ status: 'ready', version });
    expect(lines.filter((line) => line.includes('A model cannot be served'))).toHaveLength(1);
    const { status, body } = await ask('/v1/sessions/ann/events', { item: '1021' });
    expect({ status, version: body.modelVersion }).toEqual({ status: 200, version });
    expect((await ask('/metrics')).body).toContain('gru4rec_model_load_failed{model="shop"} 1');
    const good = checksumOf(next);
    replace(directory, next);
    await expect.poll(async () => (await statusOf({ ask })).version, { timeout: 10_000 }).toBe(good);
    expect((await statusOf({ ask })).error).toBeNull();
  });

  it('is read again by POST load, also while it is being loaded', async () => {
    const { directory, next, ask } = await serveOne({ watchMs: 0 });
    const version = checksumOf(next);
    const before = ask('/v1/models/shop/load', {});
    replace(directory, next);
    const after = await ask('/v1/models/shop/load', {});
    expect(after).toMatchObject({ status: 200, body: { version } });
    expect((await before).status).toBe(200);
  });
});
