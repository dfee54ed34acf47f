import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EventLog } from '../../src/index.ts';
import { keptThreads, startHere, startServer, testFolder } from '../tiny-server.ts';

const DAY_MS = 86_400_000;

it('says what is wrong and what to do, the learner and the log included', async () => {
  const folder = testFolder();
  let now = Date.now();
  const log = await EventLog.open(join(folder, 'events'), { now: () => now });
  const { threads, start } = keptThreads();
  const { ask, directory } = await startServer({
    observers: [log],
    learn: { log, output: join(folder, 'learnt') },
    startThread: (data) => (data.learn ? start(data) : startHere(data)),
  });
  const problems = async (): Promise<string[]> => (await ask('/v1/status')).body.problems;
  expect(await problems()).toEqual([]);
  for (const { worker } of threads) await worker.terminate();
  renameSync(log.directory, join(folder, 'away'));
  now += DAY_MS;
  rmSync(join(directory, 'model.json'));
  await ask('/v1/models/shop/load', {});
  await ask('/v1/sessions/ann/events', { item: '1021' });
  await expect
    .poll(problems, { timeout: 10_000 })
    .toEqual([
      expect.stringMatching(
        /^The model shop cannot be loaded, and an earlier version serves: .*model.json.*rollback/,
      ),
      expect.stringMatching(/^Learning is stopped: The thread that learns has ended.*Restart the server/),
      expect.stringMatching(/^The event log cannot be written. Clicks that wait in memory: 1. Free its disk/),
    ]);
  renameSync(join(folder, 'away'), log.directory);
  await expect.poll(problems, { timeout: 10_000 }).toHaveLength(2);
});
