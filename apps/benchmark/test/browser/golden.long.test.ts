import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WasmEngineOptions } from '@gru4rec/engine-wasm';
import { goldenFolder } from '@gru4rec/test-support';
import {
  bundlePage,
  type ChromiumForTests,
  chromiumForTests,
  serveFolder,
} from '@gru4rec/test-support/browser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listGoldens, float32Tolerance as tolerance } from '../../src/golden/command.ts';
import type { GoldenRuns } from './goldens.ts';

const names = listGoldens(fileURLToPath(goldenFolder));
const folder = await mkdtemp(join(tmpdir(), 'gru4rec-goldens-'));
let chromium: ChromiumForTests;

beforeAll(async () => {
  await cp(fileURLToPath(goldenFolder), folder, { recursive: true });
  const goldens = fileURLToPath(new URL('./goldens.ts', import.meta.url));
  await bundlePage({ entries: { goldens }, output: folder });
  await writeFile(
    join(folder, 'index.html'),
    '<!doctype html><script type="module" src="goldens.js"></script>',
  );
  chromium = await chromiumForTests(process.env);
}, 60_000);
afterAll(async () => {
  if ('browser' in chromium) await chromium.browser.close();
  await rm(folder, { recursive: true, force: true });
});

const inPage = (run: string) => `runGoldens(${run})`;
const inWorker = (run: string) => `new Promise((resolve, reject) => {
  const worker = new Worker('./goldens.js', { type: 'module' });
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = ({ message }) => reject(new Error(message));
  worker.postMessage(${run});
})`;

describe('recorded training runs in Chromium', () => {
  it.for<[string, boolean, (run: string) => string, WasmEngineOptions, number]>([
    ['in a page', false, inPage, {}, 1],
    ['in a page, with plain SIMD', false, inPage, { relaxed: false }, 1],
    ['on two threads in a worker', true, inWorker, { threads: 2, threadsFrom: 0 }, 2],
  ])('are reproduced %s', async ([, isolated, expression, options, threads], ctx) => {
    if ('reason' in chromium) return ctx.skip(chromium.reason);
    const site = await serveFolder(folder, { isolated });
    const page = await chromium.browser.newPage();
    await page.goto(site.url);
    const runs = await page.evaluate<GoldenRuns>(expression(JSON.stringify({ names, options })));
    await site.close();
    expect(runs.threads).toBe(threads);
    expect(runs.results.map(({ name }) => name).sort()).toEqual(names);
    for (const { name, wrongSteps, loss, parameters, evaluation } of runs.results) {
      expect(wrongSteps, name).toBe(0);
      expect(loss, name).toBeLessThanOrEqual(tolerance.loss);
      expect(parameters, name).toBeLessThanOrEqual(tolerance.parameters);
      expect(evaluation, name).toBeLessThanOrEqual(tolerance.evaluation);
    }
  });
});
