import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  bundlePage,
  type ChromiumForTests,
  chromiumForTests,
  type Site,
  type SiteOptions,
  serveFolder,
} from '@gru4rec/test-support/browser';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, type TestContext } from 'vitest';

/** What a page is served with: no headers, those that allow threads, or those but without the script of the threads. */
export type SiteName = 'plain' | 'isolated' | 'threadless';

/** Evaluates an expression in a page whose script is a bundle. Skips the test where there is no browser. */
export type InPage = <T>(ctx: TestContext, site: SiteName, expression: string) => Promise<T>;

const hideThreads: NonNullable<SiteOptions['answer']> = ({ url }, response) => {
  if (!url?.includes('run-ops')) return false;
  response.writeHead(404).end();
  return true;
};

/** Bundles a module of this folder, and serves it. */
export function useChromium(name: string): InPage {
  let folder = '';
  let chromium: ChromiumForTests;
  const sites: Partial<Record<SiteName, Site>> = {};
  const pages: Partial<Record<SiteName, Page>> = {};

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
    sites.threadless = await serveFolder(folder, { isolated: true, answer: hideThreads });
    chromium = await chromiumForTests(process.env);
  }, 60_000);
  afterAll(async () => {
    await Promise.all(Object.values(sites).map((site) => site.close()));
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
