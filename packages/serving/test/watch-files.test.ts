import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { stateOfFiles, watchFiles } from '../src/watch-files.ts';
import { testFolder } from './tiny-server.ts';

const EVERY_MS = 20;

async function watched() {
  const directory = join(testFolder(), 'model');
  const make = (content: string) => {
    mkdirSync(directory);
    writeFileSync(join(directory, 'model.json'), content);
  };
  make('first');
  const changes = { count: 0 };
  const endWatch = watchFiles({
    ...{ look: () => stateOfFiles(directory), state: await stateOfFiles(directory), everyMs: EVERY_MS },
    onChange: async () => void changes.count++,
  });
  onTestFinished(endWatch);
  return { directory, make, changes, endWatch };
}

it('reports a replaced folder once', async () => {
  const { directory, make, changes } = await watched();
  await setTimeout(5 * EVERY_MS);
  expect(changes.count).toBe(0);
  renameSync(directory, `${directory}.before`);
  await setTimeout(5 * EVERY_MS);
  expect(changes.count).toBe(0);
  make('other');
  await expect.poll(() => changes.count).toBe(1);
  await setTimeout(5 * EVERY_MS);
  expect(changes.count).toBe(1);
});

it('reports no folder that comes back as it was, and none after close', async () => {
  const { directory, make, changes, endWatch } = await watched();
  renameSync(directory, `${directory}.away`);
  await setTimeout(3 * EVERY_MS);
  renameSync(`${directory}.away`, directory);
  await setTimeout(5 * EVERY_MS);
  endWatch();
  rmSync(directory, { recursive: true });
  make('after close');
  await setTimeout(5 * EVERY_MS);
  expect(changes.count).toBe(0);
});

it('waits until a folder is written', async () => {
  const { directory, changes } = await watched();
  const end = performance.now() + 20 * EVERY_MS;
  while (performance.now() < end) {
    appendFileSync(join(directory, 'model.json'), 'more');
    await setTimeout(1);
  }
  expect(changes.count).toBe(0);
  await expect.poll(() => changes.count).toBe(1);
});
