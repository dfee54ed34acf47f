import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sendRandomRequests } from './random-bodies.ts';
import { saveTinyModel, startServer, testFolder } from './tiny-server.ts';

it('answers random bodies with items or a problem, never with an error of its own', async () => {
  const directory = join(testFolder(), 'model');
  await saveTinyModel(directory);
  const { url } = await startServer({ models: [{ name: 'shop', directory }] });
  const { FUZZ_SEED = '1', FUZZ_CASES = '1000' } = process.env;
  const { statuses, wrong } = await sendRandomRequests(url, Number(FUZZ_SEED), Number(FUZZ_CASES));
  expect(wrong).toEqual([]);
  expect([...statuses.keys()]).toContain(200);
  expect([...statuses.keys()]).toContain(400);
});
