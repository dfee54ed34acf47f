import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { train } from '@gru4rec/model';
import {
  bundlePage,
  type ChromiumForTests,
  chromiumForTests,
  serveFolder,
} from '@gru4rec/test-support/browser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeWeb } from '../../src/web/write-web.ts';

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const guide = await readFile(pathOf('../../../../docs/browser.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...guide.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, code = '']) => code);

const folder = await mkdtemp(join(tmpdir(), 'gru4rec-guide-'));
const site = join(folder, 'site');
let chromium: ChromiumForTests;

/** Half of the visitors buy bread and butter, the others tea and milk. */
const shop = {
  itemIds: ['bread', 'butter', 'tea', 'milk'],
  support: Int32Array.of(20, 20, 20, 20),
  train: {
    sessionOffsets: Int32Array.from({ length: 41 }, (_, at) => 2 * at),
    items: Int32Array.from({ length: 80 }, (_, at) => at % 4),
    sessionStartTimes: Float64Array.from({ length: 40 }, (_, at) => at),
  },
};

beforeAll(async () => {
  const [index = ''] = blocks('html');
  const [page = '', worker = '', start = ''] = blocks('js');
  // The packages that a user would have installed.
  await symlink(pathOf('../../node_modules'), join(folder, 'node_modules'), 'junction');
  await writeFile(join(folder, 'page.js'), page);
  await writeFile(join(folder, 'train.js'), worker);
  await writeFile(join(folder, 'start.js'), start);
  await bundlePage({
    entries: { page: join(folder, 'page.js'), start: join(folder, 'start.js') },
    output: site,
    without: ['apache-arrow', 'lz4-napi'],
  });
  await writeFile(join(site, 'index.html'), index);
  await writeFile(
    join(site, 'train.html'),
    '<!doctype html><body><script type="module" src="start.js"></script>',
  );
  const config = { layers: [16], batchSize: 8, nSample: 16, nEpochs: 10 };
  const model = await train(shop, config, { engine: createWasmEngine({ threads: 1 }) });
  await writeWeb(model, join(site, 'model'), { weights: 'int8' });
  chromium = await chromiumForTests(process.env);
}, 60_000);
afterAll(async () => {
  if ('browser' in chromium) await chromium.browser.close();
  await rm(folder, { recursive: true, force: true });
});

describe('docs/browser.md', () => {
  it('recommends in a page', async (ctx) => {
    if ('reason' in chromium) return ctx.skip(chromium.reason);
    const server = await serveFolder(site);
    const page = await chromium.browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', ({ message }) => errors.push(message));
    await page.goto(server.url);
    await page.waitForLoadState('networkidle');
    await page.getByLabel('Item').fill('bread');
    await page.getByRole('button').click();
    await page.locator('li').first().waitFor();
    expect(await page.locator('li').first().textContent()).toMatch(/^butter -?\d+\.\d\d$/);
    expect(await page.locator('li').count()).toBe(3);
    await page.getByLabel('Item').fill('caviar');
    await page.getByRole('button').click();
    expect(await page.locator('li').count()).toBe(3);
    expect(errors).toEqual([]);
    await server.close();
  });

  it.for([false, true])('trains in a worker, with threads: %s', async (isolated, ctx) => {
    if ('reason' in chromium) return ctx.skip(chromium.reason);
    const server = await serveFolder(site, { isolated });
    const page = await chromium.browser.newPage();
    await page.goto(`${server.url}train.html`);
    await page.waitForFunction(`document.body.textContent.trim() !== ''`);
    expect(await page.evaluate('document.body.textContent')).toBe('butter');
    expect(await page.title()).toMatch(/^epoch 5, loss \d\.\d+$/);
    await server.close();
  });
});
