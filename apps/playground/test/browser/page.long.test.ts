import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useOpener } from './open-page.ts';

const opener = useOpener();
/** On a busy machine, a list can take longer than the second that Vitest would wait. */
const SOON = { timeout: 20_000 };

describe('the page with a model', () => {
  it('plays by keyboard: search, click, undo, redo, and the same by its address', async (ctx) => {
    const { page, titles } = await opener().open(ctx, 'withModel');
    const { ids, titles: all } = opener().sites.items;
    await page.locator('.suggestions button').first().waitFor();
    expect(await page.locator('.facts').textContent()).toContain('My shop');
    const [first = ''] = all;
    await page.getByLabel('Search items').focus();
    await page.keyboard.type(first.toLowerCase());
    await page.getByRole('option', { name: first }).first().waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.own li').first().waitFor();
    const [a = ''] = ids;
    expect(await titles(0)).toEqual(opener().expectedTitles([a]));
    await expect.poll(() => new URL(page.url()).hash, SOON).toBe(`#clicks=${a}`);

    const listed = page.locator('.own li .item').nth(2);
    const second = (await listed.locator('.title').textContent()) as string;
    await listed.focus();
    await page.keyboard.press('Enter');
    const focused = () => page.evaluate('document.activeElement?.textContent');
    const b = ids[all.indexOf(second)] as string;
    await expect.poll(() => titles(0), SOON).toEqual(opener().expectedTitles([a, b]));
    const both = await titles(0);
    // The focus stays at its place, where another item is now.
    expect(await focused()).toContain(both[2]);
    expect(await page.evaluate('document.activeElement?.className')).toBe('item');
    expect(await page.locator('.own .move').allTextContents()).toContainEqual(
      expect.stringMatching(/new|up|down/),
    );

    await page.getByRole('button', { name: 'Undo' }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => titles(0), SOON).toEqual(opener().expectedTitles([a]));
    await page.getByRole('button', { name: 'Redo' }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => titles(0), SOON).toEqual(both);
    await expect.poll(() => new URL(page.url()).hash, SOON).toBe(`#clicks=${a},${b}`);

    const shared = await opener().open(ctx, 'withModel', { fragment: new URL(page.url()).hash });
    await shared.page.locator('.own li').first().waitFor();
    expect(await shared.titles(0)).toEqual(both);
  });

  it('shows baselines, what each click contributes, and a map', async (ctx) => {
    const { groups, ids, titles: all } = opener().sites.items;
    const [a, b] = ids;
    const { page } = await opener().open(ctx, 'withModel', { fragment: `#clicks=${a},${b}` });
    await page.locator('.own li').first().waitFor();
    const heads = await page.locator('.list-head').allTextContents();
    expect(heads).toHaveLength(3);
    for (const [at, name] of ['GRU4Rec', 'SR', 'S-KNN'].entries()) {
      expect(heads[at]).toMatch(new RegExp(`^${name}.*(\\d|<) ?[\\d.]* ms$`));
    }
    expect(await page.locator('.note').textContent()).toMatch(/fitted in this page to [\d,]+ sessions/);
    const rows = page.locator('.changes tbody tr');
    await expect.poll(() => rows.count(), SOON).toBe(2);
    for (const row of await rows.allTextContents()) expect(row).toMatch(/[×÷] [\d.,]+/);
    await page
      .getByRole('button', { name: /^Explain/ })
      .nth(3)
      .click();
    await expect.poll(() => page.locator('.own li.chosen').count(), SOON).toBe(1);
    const explained = ids.indexOf(await page.locator('#explained').inputValue());
    expect(all[explained]).toBe(await page.locator('.own li .title').nth(3).textContent());
    const shared = [a, b].filter((id) => groups[ids.indexOf(id ?? '')] === groups[explained]).length;
    expect(await page.locator('.parts').textContent()).toMatch(/^Its score: network [+−]\d+\.\d\d/);
    const reason = await page.locator('.features').textContent();
    expect(reason).toContain(
      shared === 0 ? 'It shares no feature' : `group=${groups[explained]} (${shared})`,
    );
    const own = page.locator('.own li');
    const listed = await own.locator('.title').allTextContents();
    const cold = await own.filter({ hasText: 'never clicked' }).locator('.title').allTextContents();
    expect(cold).toEqual(listed.filter((title) => all.indexOf(title) % 10 === 0));
    const map = page.locator('svg.map');
    await map.waitFor({ timeout: 60_000 });
    expect(await map.getAttribute('aria-label')).toMatch(
      /2 clicks of the session as a path, and \d+ listed items/,
    );
    expect(await map.locator('.dots path').count()).toBe(1 + 7);
    const dots = await map.locator('.dots .group').first().getAttribute('d');
    expect(dots?.split('M').length).toBeGreaterThan(10);
    const colour = (element: string) =>
      page.evaluate(`getComputedStyle(document.querySelector('${element}')).stroke`);
    const colours = [1, 2, 3].map((at) => colour(`.dots path:nth-child(${at})`));
    expect(new Set(await Promise.all(colours)).size).toBe(3);
  });

  it('says so if its worker cannot run', async (ctx) => {
    const { page, complaints } = await opener().open(ctx, 'withModel');
    await page.locator('.suggestions button').first().waitFor();
    await page.route('**/assets/worker-*.js', (route) => route.abort());
    await page.reload();
    const alert = page.getByRole('alert');
    await alert.waitFor(SOON);
    expect(await alert.textContent()).toContain('The script of the page’s worker cannot run: ');
    for (const complaint of complaints.splice(0)) expect(complaint).toContain('ERR_FAILED');
  });

  it('can call nothing but its own files', async (ctx) => {
    const { page, complaints } = await opener().open(ctx, 'bare');
    const other = await opener().host('bare');
    const blocked = await page.evaluate(
      `new Promise((resolve) => {
        addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective));
        fetch(${JSON.stringify(other.url)}).then(() => resolve('answered'), () => {});
      })`,
    );
    expect(blocked).toBe('connect-src');
    for (const complaint of complaints.splice(0)) expect(complaint).toContain('Content Security Policy');
  });
});

describe('the page on its own', () => {
  it('has the licences of what is bundled, in the page or in its workers', () => {
    const text = readFileSync(join(opener().sites.bare, 'licences.txt'), 'utf8');
    const bundled = 'preact @leeoniya/ufuzzy d3-scale comlink zod @noble/hashes umap-js';
    for (const name of bundled.split(' ')) {
      expect(text).toMatch(new RegExp(`^${name} [\\d.]+ \\(.+\\)$`, 'm'));
    }
    expect(text).toContain('Permission is hereby granted');
  });

  it('trains with live curves, evaluates on held-out sessions, and plays the model', async (ctx) => {
    const { page, titles } = await opener().open(ctx, 'bare');
    await page.getByText(/generated shop: [\d,]+ clicks on [\d,]+ items/).waitFor();
    expect(await page.getByRole('button', { name: 'Play', exact: true }).isDisabled()).toBe(true);
    await page.getByLabel('Units').selectOption('32');
    await page.getByLabel('Epochs').selectOption('2');
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await page.getByRole('button', { name: 'Play with it' }).waitFor({ timeout: 120_000 });
    expect(await page.locator('.status').textContent()).toMatch(/^[\d,]+ events\/s · done\.$/);
    for (const title of ['Loss, by epoch', 'Recall@20 on held-out sessions']) {
      const chart = page.getByRole('img', { name: title });
      expect(await chart.getAttribute('aria-label')).toMatch(/: [\d.]+ at present$/);
      expect((await chart.locator('.curve').getAttribute('d'))?.split('L').length).toBeGreaterThanOrEqual(2);
    }
    const rows = await page.locator('.figures tbody tr').allTextContents();
    expect(rows.map((row) => row.replace(/0\.\d{3}0\.\d{3}$/, ''))).toEqual(['GRU4Rec', 'SR', 'S-KNN']);
    await page.getByRole('button', { name: 'Play with it' }).click();
    await page.locator('.suggestions button').first().click();
    await expect.poll(async () => (await titles(0)).length, SOON).toBe(10);
    expect(await page.locator('.facts').textContent()).toContain('Trained here');
  });
});

describe('the page for everybody', () => {
  const engine = readFileSync(createRequire(import.meta.url).resolve('accessibility-checker-engine'), 'utf8');
  const sizes = [360, 768, 1280].flatMap((width) => [
    { width, colorScheme: 'light' as const, paper: 'rgb(245, 247, 249)' },
    { width, colorScheme: 'dark' as const, paper: 'rgb(15, 19, 24)' },
  ]);

  it.for(sizes)(
    'fits $width pixels, $colorScheme, and breaks no rule of WCAG 2.1',
    async ({ paper, ...size }, ctx) => {
      const [a, b, c, hidden] = opener().sites.items.ids;
      const fragment = `#clicks=${a},${b},${c}&hide=${hidden}`;
      const { page } = await opener().open(ctx, 'withModel', { ...size, fragment });
      await page.locator('.changes').waitFor();
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(paper);
      await page.evaluate(`${engine};globalThis.ace = ace`);
      const problems = () =>
        page.evaluate(`new ace.Checker().check(document, ['WCAG_2_1']).then(({ results }) => results
        .filter(({ value: [level, result] }) => level === 'VIOLATION' && result === 'FAIL')
        .map(({ ruleId, snippet }) => ruleId + ': ' + snippet))`);
      const tooWide = () => page.evaluate('document.documentElement.scrollWidth - innerWidth');
      // The rules do not see that the contents of a closed part are hidden as a whole.
      await page.evaluate('document.querySelectorAll("details").forEach((part) => (part.open = true))');
      await page.getByLabel('Search items').fill('a');
      await page.getByRole('option').first().waitFor();
      expect([await problems(), await tooWide()]).toEqual([[], 0]);
      await page.getByRole('button', { name: 'Train here' }).click();
      await page.getByLabel('Epochs').selectOption('1');
      await page.getByRole('button', { name: 'Train', exact: true }).click();
      await page.locator('.figures tbody tr').nth(2).waitFor({ timeout: 60_000 });
      expect([await problems(), await tooWide()]).toEqual([[], 0]);
    },
  );
});
