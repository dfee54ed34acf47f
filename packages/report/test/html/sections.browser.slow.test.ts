import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ChromiumForTests, chromiumForTests } from '@gru4rec/test-support/browser';
import { testFolder } from '@gru4rec/test-support/folder';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, type TestContext } from 'vitest';
import { comparisonHtml } from '../../src/html/sections.ts';
import { COLORS } from '../../src/html/style.ts';
import type { ComparisonReport } from '../../src/report.ts';
import { fakeReport } from '../fake-report.ts';

const DESKTOP = { width: 1440, height: 900 };
const TABLET = { width: 840, height: 1100 };
const PHONE = { width: 390, height: 844 };

/** Elements wider than the window, except in a scrolling part or a clipped heading. */
const TOO_WIDE = `[...document.querySelectorAll('body *')]
  .filter((e) => !e.closest('.scroll table, .cards thead'))
  .filter((e) => e.getBoundingClientRect().right > innerWidth + 0.5 || e.getBoundingClientRect().left < -0.5)
  .map((e) => e.outerHTML.slice(0, 80))`;

/** Labels that exceed a chart's edge by more than a pixel. */
const CUT_OFF = `[...document.querySelectorAll('svg[role=img]')].flatMap((svg) => {
  const box = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('text')].filter((text) => {
    const own = text.getBoundingClientRect();
    return own.left < box.left - 1 || own.right > box.right + 1 || own.top < box.top - 1 || own.bottom > box.bottom + 1;
  }).map((text) => svg.id + ': ' + text.textContent);
})`;

/** Labels of one chart that overlap by more than a third of a line, the space around its letters. */
const OVERLAPPING = `[...document.querySelectorAll('svg[role=img]')].flatMap((svg) => {
  const texts = [...svg.querySelectorAll('text')].map((text) => ({ text, box: text.getBoundingClientRect() }));
  const over = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > a.height / 3;
  return texts.flatMap((a, at) => texts.slice(at + 1).filter((b) => over(a.box, b.box))
    .map((b) => svg.id + ': ' + a.text.textContent + ' / ' + b.text.textContent));
})`;

/** Models with names as from compare: long, and different only in their middle or end. */
const longNames: ComparisonReport = {
  ...fakeReport,
  models: fakeReport.models.map((model, place) => ({
    ...model,
    name: [
      `GRU4Rec rsc15-100k-tuned-cross-entropy-of-${place}-layers`,
      `V-SKNN (neighbours=500,sampleSize=1000,decay=quadratic,scoreDecay=div,idfWeight=${place})`,
      `mix of GRU4Rec ${place} and VSTAN (0.2)`,
    ][place % 3]!,
  })),
};

describe('comparisonHtml in a browser', () => {
  let found: ChromiumForTests;
  const file = join(testFolder(), 'comparison.html');
  const address = pathToFileURL(file).href;

  beforeAll(async () => {
    found = await chromiumForTests(process.env);
  });

  afterAll(async () => {
    if ('browser' in found) await found.browser.close();
  });

  async function open(ctx: TestContext, report: ComparisonReport, viewport = DESKTOP) {
    if ('reason' in found) return ctx.skip(found.reason);
    writeFileSync(file, comparisonHtml(report));
    const page = await found.browser.newPage({ viewport });
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => complaints.push(request.url()));
    onTestFinished(() => {
      expect(complaints.filter((one) => one !== address && !one.startsWith('data:'))).toEqual([]);
    });
    await page.goto(address);
    return page;
  }

  const openAll = (page: Page) =>
    page.evaluate('document.querySelectorAll("details").forEach((d) => (d.open = true))');

  it.for([DESKTOP, PHONE])(
    'shows headline, warnings, table and every chart at $width pixels',
    async (size, ctx) => {
      const page = await open(ctx, fakeReport, size);
      for (const part of ['.headline', '.warnings', 'table.models >> nth=0', '#origin']) {
        expect(await page.locator(part).isVisible(), part).toBe(true);
      }
      const examples = fakeReport.examples?.predictions.length ?? 0;
      const results = 1 + fakeReport.models.length;
      const origin = 1 + Object.keys(fakeReport.origin).length;
      expect(await page.getByRole('row').count()).toBe(2 * results + 1 + examples + origin);
      const charts = await page.getByRole('img').all();
      expect(charts).toHaveLength(16);
      for (const chart of charts) {
        const box = await chart.boundingBox();
        expect(box?.width).toBeGreaterThan(300);
        expect(box?.height).toBeGreaterThan(120);
      }
    },
  );

  it.for([DESKTOP, TABLET, PHONE])('has nothing wider than a window of $width pixels', async (size, ctx) => {
    const page = await open(ctx, longNames, size);
    expect(await page.evaluate(TOO_WIDE)).toEqual([]);
    await openAll(page);
    expect(await page.evaluate(TOO_WIDE)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(size.width);
  });

  it.for([DESKTOP, TABLET, PHONE])(
    'cuts no label off, and lets none overlap another, at $width pixels',
    async (size, ctx) => {
      for (const report of [fakeReport, longNames]) {
        const page = await open(ctx, report, size);
        expect(await page.evaluate(CUT_OFF)).toEqual([]);
        expect(await page.evaluate(OVERLAPPING)).toEqual([]);
        await page.close();
      }
    },
  );

  it('has a light and a dark scheme, and prints on white', async (ctx) => {
    const page = await open(ctx, fakeReport);
    const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const line = () =>
      page.evaluate('getComputedStyle(document.querySelector("[stroke=\'var(--c1)\']")).stroke');
    await page.emulateMedia({ colorScheme: 'light' });
    expect([await background(), await line()]).toEqual([rgb(COLORS['paper']?.[0]), rgb(COLORS['c1']?.[0])]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect([await background(), await line()]).toEqual([rgb(COLORS['paper']?.[1]), rgb(COLORS['c1']?.[1])]);
    await page.emulateMedia({ colorScheme: 'dark', media: 'print' });
    expect(await background()).toBe('rgb(255, 255, 255)');
  });
});

function rgb(hex = ''): string {
  return `rgb(${[1, 3, 5].map((start) => Number.parseInt(hex.slice(start, start + 2), 16)).join(', ')})`;
}
