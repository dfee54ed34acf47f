import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { useTinyModel } from '../tiny-shop.ts';
import { type ListBody, ServerProcess } from './server-process.ts';

const folder = useTinyModel();
let items: string[] = [];
beforeAll(async () => {
  const [, ...rows] = readFileSync(join(folder(), 'clicks.tsv'), 'utf8').trim().split('\n');
  items = [...new Set(rows.map((row) => row.split('\t')[1] as string))];
});

const serve = (store: string, ...more: string[]) =>
  ServerProcess.start(folder(), 'model', '--session-store', store, ...more);

describe('trainer serve --session-store memory', () => {
  it('keeps its memory bounded, whatever the length of ids and URLs', async () => {
    vi.stubEnv('NODE_OPTIONS', '--max-old-space-size=128');
    onTestFinished(() => void vi.unstubAllEnvs());
    const server = await serve('memory', '--session-memory', '8');
    // 10,000 sessions with short ids fit, their URLs of 14 kB are 140 MB; of those with long ids, 2,573 fit.
    for (let at = 0; at < 13_000; at += 50) {
      const id = (more: number) => String(at + more).padEnd(at < 10_000 ? 20 : 500, 'x');
      const query = 'z'.repeat(14_000 - id(0).length);
      const clicks = Array.from({ length: 50 }, (_, more) =>
        server.ask(`/v1/sessions/${id(more)}/events?q=${query}`, { item: id(0), eventId: id(0), n: 0 }),
      );
      for (const { status } of await Promise.all(clicks)) expect(status).toBe(200);
    }
    const most = Math.floor((8 * 2 ** 20) / (160 + 100 + 2 * 1500));
    expect((await server.ask('/metrics')).body).toMatch(new RegExp(`^gru4rec_sessions ${most}$`, 'm'));
    expect(await server.stop()).toBe(0);
  });
});

describe('trainer serve --event-log', () => {
  it('continues sessions after kill -9 at random moments, and counts a repeated event once', async () => {
    const start = () => serve('memory', '--event-log', 'killed');
    const counts = [0, 0, 0, 0];
    for (let round = 0; round < 3; round++) {
      const server = await start();
      let isKilled = false;
      const clicking = counts.map(async (_, at) => {
        for (;;) {
          const number = counts[at] as number;
          const item = items[number % items.length] as string;
          const click = server.click(`s${at}`, item, { eventId: `e${number}` });
          if ((await click.catch(() => 0)) !== 200) break;
          counts[at] = number + 1;
        }
        expect(isKilled).toBe(true);
      });
      await setTimeout(100 + 400 * Math.random());
      isKilled = true;
      await server.kill();
      await Promise.all(clicking);
    }
    expect(Math.min(...counts)).toBeGreaterThan(3);
    const server = await start();
    for (const [at, count] of counts.entries()) {
      // The click in flight may have been stored; sent once more, it counts once.
      await server.click(`s${at}`, items[count % items.length] as string, { eventId: `e${count}` });
      const clicked = Array.from({ length: count + 1 }, (_, n) => items[n % items.length] as string);
      const stored = await server.ask<ListBody>(`/v1/sessions/s${at}/recommendations?n=5`);
      const { body } = await server.ask<ListBody>('/v1/recommend', { items: clicked.slice(-200), n: 5 });
      expect(stored.body.items.map(({ id }) => id)).toEqual(body.items.map(({ id }) => id));
    }
    expect(await server.stop()).toBe(0);
  });

  it('only reads the log with --read-only: it may be written, and has the sessions of the start', async () => {
    const writer = await serve('memory', '--event-log', 'read');
    for (const item of items.slice(0, 3)) await writer.click('ann', item);
    const reader = await serve('memory', '--event-log', 'read', '--read-only');
    const [wrote, read] = await Promise.all(
      [writer, reader].map((server) => server.ask<ListBody>('/v1/sessions/ann/recommendations?n=5')),
    );
    expect(read?.body.items).toEqual(wrote?.body.items);
    expect(await reader.click('ann', items[3] as string)).toBe(403);
    expect(await writer.click('ann', items[3] as string)).toBe(200);
    for (const server of [reader, writer]) expect(await server.stop()).toBe(0);
  });
});
