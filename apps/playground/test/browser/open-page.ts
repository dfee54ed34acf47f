import {
  type ChromiumForTests,
  chromiumForTests,
  type Site,
  serveFolder,
} from '@gru4rec/test-support/browser';
import { afterAll, beforeAll, expect, onTestFinished, type TestContext } from 'vitest';
import { makeTestSites, type TestSites } from './test-site.ts';

interface Opening {
  /** Whether its host isolates it, so that it has threads. */
  readonly isolated?: boolean;
  readonly fragment?: string;
  readonly width?: number;
  readonly colorScheme?: 'light' | 'dark';
}

export class PageOpener {
  readonly #chromium: ChromiumForTests;
  readonly #hosts: Site[] = [];
  readonly sites: TestSites;

  constructor(chromium: ChromiumForTests, sites: TestSites) {
    this.#chromium = chromium;
    this.sites = sites;
  }

  /** Skips the test without a browser. At its end, nothing was complained of, and nothing was requested elsewhere. */
  async open(
    ctx: TestContext,
    site: 'withModel' | 'bare',
    { isolated = true, fragment = '', width = 1280, colorScheme = 'light' }: Opening = {},
  ) {
    if (!('browser' in this.#chromium)) return ctx.skip(this.#chromium.reason);
    const host = await this.host(site, isolated);
    const page = await this.#chromium.browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    const [complaints, elsewhere]: [string[], string[]] = [[], []];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.context().on('request', (request) => {
      if (!request.url().startsWith(host.url)) elsewhere.push(request.url());
    });
    onTestFinished(async () => {
      expect({ complaints, elsewhere }).toEqual({ complaints: [], elsewhere: [] });
      await page.close();
    });
    await page.goto(`${host.url}${fragment}`);
    const titles = (list: number) => page.locator('.list').nth(list).locator('.title').allTextContents();
    return { page, titles, complaints };
  }

  async host(site: 'withModel' | 'bare', isolated = true): Promise<Site> {
    const host = await serveFolder(this.sites[site], { isolated });
    this.#hosts.push(host);
    return host;
  }

  expectedTitles(clicks: readonly string[]): string[] {
    const { model, items } = this.sites;
    const session = model.startSession();
    for (const id of clicks) session.click(id);
    const titleOf = (id: string) => items.titles[items.ids.indexOf(id)] as string;
    return session.recommend(10, { excludeSeen: true }).map(({ id }) => titleOf(id));
  }

  async close(): Promise<void> {
    for (const host of this.#hosts) await host.close();
    if ('browser' in this.#chromium) await this.#chromium.browser.close();
    this.sites.remove();
  }
}

/** Builds the page and starts Chromium once per test file. @returns a getter. */
export function useOpener(): () => PageOpener {
  let opener: PageOpener | undefined;
  beforeAll(async () => {
    opener = new PageOpener(await chromiumForTests(process.env), await makeTestSites());
  }, 120_000);
  afterAll(() => opener?.close());
  return () => opener as PageOpener;
}
