import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ChromiumForTests, chromiumForTests } from '@gru4rec/test-support/browser';
import { afterAll, beforeAll, describe, expect, it, type TestContext, vi } from 'vitest';
import { EventLog } from '../../src/index.ts';
import { type Running, startServer, testFolder } from '../tiny-server.ts';

const SOON = { timeout: 15_000 };
/** A long id with markup. */
const NEW = `<img src=x onerror=alert(1)>${'article'.repeat(12)}`;
const HOUR_AGO = {
  endMs: Date.now() - 3_600_000,
  seconds: 300,
  requests: 600,
  failed: 0,
  fallbacks: 3,
  p50Ms: 1,
  p99Ms: 4,
  arms: { shop: { lists: 500, clicks: 50, recall: 0.5 } },
};
let found: ChromiumForTests;
let running: Running;
beforeAll(async () => {
  found = await chromiumForTests(process.env);
  const folder = testFolder(afterAll);
  const log = await EventLog.open(join(folder, 'events'));
  const learn = { log, output: join(folder, 'learnt'), everyMs: 200 };
  const history = join(folder, 'history.json');
  writeFileSync(history, JSON.stringify([{ ...HOUR_AGO, endMs: HOUR_AGO.endMs - 300_000 }, HOUR_AGO]));
  running = await startServer({ observers: [log], learn, history, tokens: ['secret'] }, afterAll);
  const headers = { authorization: 'Bearer secret' };
  for (let at = 0; at < 40; at++) {
    const item = at % 3 === 2 ? NEW : String(running.model.itemIds.at(at % 7));
    await running.ask(`/v1/sessions/s${at >> 2}/events`, { item }, { headers });
  }
  const items = async () => (await running.ask('/v1/models', undefined, { headers })).body.models[0].items;
  await vi.waitUntil(async () => (await items()) === 31, SOON);
}, 60_000);
afterAll(async () => {
  if ('browser' in found) await found.browser.close();
});

/** Opens the page. @param token - whether the tab has it. */
async function open(ctx: TestContext, { width = 1280, dark = false, token = true } = {}) {
  if ('reason' in found) return ctx.skip(found.reason);
  const page = await found.browser.newPage({
    viewport: { width, height: 900 },
    colorScheme: dark ? 'dark' : 'light',
  });
  const [complaints, requests]: [string[], string[]] = [[], []];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  if (token) await page.addInitScript('sessionStorage.setItem("gru4rec.token", "secret")');
  await page.goto(`${running.url}/`);
  return { page, complaints, requests };
}

const WIDE = `[...document.querySelectorAll('body *')]
  .filter((e) => !e.closest('.scroll table') && e.getBoundingClientRect().right > innerWidth + 0.5)
  .map((e) => e.outerHTML.slice(0, 80))`;

describe('the page at /', () => {
  it('asks for the token, keeps it in the tab, and shows its own server only', async (ctx) => {
    const { page, complaints, requests } = await open(ctx, { token: false });
    const field = page.getByLabel('This server needs a bearer token');
    await field.fill('wrong');
    await page.getByRole('button').click();
    await expect
      .poll(() => page.getByRole('alert').textContent(), SOON)
      .toBe('The server does not know this token');
    await field.fill('secret');
    await page.getByRole('button').click();
    const tables = page.locator('#tables');
    await expect.poll(() => tables.textContent(), SOON).toContain('40 clicks since the start');
    // The page asks for the charts last.
    await expect.poll(() => page.locator('.charts figure svg').count(), SOON).toBe(5);
    expect(await page.locator('#headline').textContent()).toMatch(
      /^\d.* requests per second: half are .*\d ms\.\n$/,
    );
    expect(await page.locator('#charts').textContent()).toMatch(
      /p99: 4 in hours from now -1.[01]\d*, 4 in hours from now -1/,
    );
    expect(await tables.textContent()).toMatch(
      /shop\s+model\s+just now\s+31\s+0.\d+\s+–\s+10\s+1,040\s+0.096.*10 sessions in memory.*1 new item/s,
    );
    const row = await page.locator('section:has(#new-items) tr').last().textContent();
    expect(row).toMatch(/just now\s+yes\s+13\s+\d+$/);
    expect(row?.startsWith(NEW)).toBe(true);
    await page.reload();
    await expect.poll(() => tables.textContent(), SOON).toContain('shop');
    const own = [
      '/',
      ...['page.css', 'page.js', 'headline', 'tables', 'charts'].map((name) => `/page/${name}`),
    ];
    for (const url of requests.filter((one) => !one.startsWith('data:'))) {
      expect(new URL(url).origin).toBe(running.url);
      expect(own).toContain(new URL(url).pathname);
    }
    // A refusal is all that a browser reports.
    expect(complaints.filter((text) => !text.includes('401'))).toEqual([]);
    await page.close();
  });

  it.for([
    [390, true],
    [1280, false],
  ] as const)(
    'has nothing wider than %i pixels, and no markup of an item (dark: %s)',
    async ([width, dark], ctx) => {
      const { page, complaints } = await open(ctx, { width, dark });
      await expect.poll(() => page.locator('#tables').textContent(), SOON).toContain(NEW);
      await expect.poll(() => page.locator('#charts svg').count(), SOON).toBe(5);
      expect(await page.evaluate(WIDE)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      expect(await page.locator('#tables img').count()).toBe(0);
      expect(complaints).toEqual([]);
      await page.close();
    },
  );
});
