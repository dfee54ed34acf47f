import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Period } from '../../src/online/history.ts';
import { startServer, testFolder } from '../tiny-server.ts';

const read = (file: string): Period[] => JSON.parse(readFileSync(file, 'utf8'));

it('keeps what was answered and clicked over a restart, with a gap while no server ran', async () => {
  const history = join(testFolder(), 'history.json');
  const { ask, server, directory } = await startServer({ history });
  const { body } = await ask('/v1/sessions/ann/events', { item: '1021' });
  await ask('/v1/sessions/ann/events', { item: body.items[0].id, recommendationId: body.recommendationId });
  await ask('/v1/sessions/ben/recommendations');
  await ask('/v1/recommend', { wrong: 1 });
  await server.stop({ probeMs: 0 });
  const [first] = read(history);
  expect(first).toMatchObject({
    requests: 4,
    failed: 0,
    fallbacks: 1,
    arms: { shop: { lists: 3, clicks: 1 } },
  });
  expect(first?.p99Ms).toBeGreaterThanOrEqual(first?.p50Ms ?? Number.NaN);
  const old = { ...first, endMs: Date.now() - 25 * 3_600_000 };
  writeFileSync(history, JSON.stringify([old, { ...first, endMs: Date.now() - 3_600_000 }]));
  const next = await startServer({ history, directory });
  await next.server.stop({ probeMs: 0 });
  expect(read(history).map(({ requests }) => requests)).toEqual([4, 0, 0, 0]);
});

it('begins anew with a file that is no history, and goes on when it cannot be written', async () => {
  const folder = testFolder();
  const history = join(folder, 'history.json');
  writeFileSync(history, '[{"endMs":');
  const { server, directory } = await startServer({ history });
  await server.stop({ probeMs: 0 });
  expect(read(history)).toHaveLength(1);
  const lost = await startServer({ history: join(history, 'not-a-folder'), directory });
  await expect(lost.server.stop({ probeMs: 0 })).resolves.toBeUndefined();
});

it('keeps a day of at most 1 MB', async () => {
  const history = join(testFolder(), 'history.json');
  const arms = Object.fromEntries(
    Array.from({ length: 100 }, (_, at) => [`arm-${at}`.padEnd(100, '-'), { lists: 1, clicks: 0 }]),
  );
  const rest = { seconds: 300, requests: 1, failed: 0, fallbacks: 0, arms };
  const day = Array.from({ length: 288 }, (_, at) => ({ endMs: Date.now() - 300_000 * (287 - at), ...rest }));
  writeFileSync(history, JSON.stringify(day));
  const { server } = await startServer({ history });
  await server.stop({ probeMs: 0 });
  expect(readFileSync(history).length).toBeLessThan(1_000_000);
  expect(read(history).at(-2)).toMatchObject({ endMs: day.at(-1)?.endMs });
});
