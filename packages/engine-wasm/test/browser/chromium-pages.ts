import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  bundlePage,
  type ChromiumForTests,
  chromiumForTests,
  type Site,
  serveFolder,
} from '@gru4rec/test-support/browser';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, type TestContext } from 'vitest';

/** Evaluates an expression in a page whose script is a bundle. Skips the test where there is no browser. */
export type InPage = <T>(ctx: TestContext, site: 'plain' | 'isolated', expression: string) => Promise<T>;

/** Bundles a module of this folder, and serves it with and without the headers that allow threads. */
export function useChromium(name: string): InPage {
  let folder = '';
  let chromium: ChromiumForTests;
  const sites: Partial<Record<'plain' | 'isolated', Site>> = {};
  const pages: Partial<Record<'plain' | 'isolated', Page>> = {};

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gru4rec-browser-'));
    const entry = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
    await bundlePage({ entries: { [name]: entry }, output: folder });
    await cp(fileURLToPath(new URL('../../wasm', import.meta.url)), join(folder, 'wasm'), {
      recursive: true,
    });
    const html = `<!doctype html><script type="module" src="${name}.js"></script>`;
    await writeFile(join(folder, 'index.html'), html);
    sites.plain = await serveFolder(folder);
    sites.isolated = await serveFolder(folder, { isolated: true });
    chromium = await chromiumForTests(process.env);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([sites.plain?.close(), sites.isolated?.close()]);
    if ('browser' in chromium) await chromium.browser.close();
    await rm(folder, { recursive: true, force: true });
  });

  return async (ctx, site, expression) => {
    if ('reason' in chromium) return ctx.skip(chromium.reason);
    const page = pages[site] ?? (await chromium.browser.newPage());
    pages[site] = page;
    await page.goto(sites[site]?.url ?? '');
    return page.evaluate(expression);
  };
}
