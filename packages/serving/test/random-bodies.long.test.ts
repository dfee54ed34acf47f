import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sendRandomRequests } from './random-bodies.ts';
import { saveTinyModel, startServer, testFolder } from './tiny-server.ts';

it('answers 100,000 random bodies, and is ready after them', async () => {
  const directory = join(testFolder(), 'model');
  await saveTinyModel(directory);
  const { url, ask } = await startServer({ models: [{ name: 'shop', directory }] });
  const { wrong } = await sendRandomRequests(url, 2, 100_000);
  expect(wrong).toEqual([]);
  expect((await ask('/health/ready')).status).toBe(200);
});
