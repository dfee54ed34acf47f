import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromiumForTests, type Site, serveFolder } from '@gru4rec/test-support/browser';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { trainTiny, useTinyShop } from '../../../packages/cli/test/tiny-shop.ts';

// Builds the site, which takes a minute or two: it trains a model for the playground.

const docs = fileURLToPath(new URL('../', import.meta.url));
const started = await chromiumForTests(process.env);
let build: { readonly status: number | null; readonly output: string };
let site: Site;

beforeAll(async () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/build.mjs'], {
    cwd: docs,
    encoding: 'utf8',
  });
  build = { status, output: `${stdout}${stderr}` };
  site = await serveFolder(`${docs}dist`);
}, 600_000);

afterAll(async () => {
  if ('browser' in started) await started.browser.close();
  await site.close();
});

/** Opens a page, and records what goes wrong and the requests to other hosts. */
async function open(ctx: TestContext, path: string, width: number) {
  if ('reason' in started) return ctx.skip(started.reason);
  const page = await started.browser.newPage({ viewport: { width, height: 900 } });
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
  page.on(
    'response',
    (response) => response.ok() || complaints.push(`${response.status()}: ${response.url()}`),
  );
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(site.url))
      complaints.push(request.url());
  });
  await page.goto(`${site.url}${path}`, { waitUntil: 'networkidle' });
  return { page, complaints };
}

describe('the site', () => {
  it('is built without a dead link', () => {
    expect(build.status, build.output).toBe(0);
  });

  it.for([
    ['', 1440],
    ['data.html', 768],
    ['reference/commands.html', 390],
    ['reference/commands/train.html', 360],
    ['reference/hyper-parameters.html', 390],
    ['api/model.html', 390],
    ['decisions/', 768],
    ['reliability.html', 768],
  ] as const)('shows /%s in %i pixels, with no request to another host', async ([path, width], ctx) => {
    const { page, complaints } = await open(ctx, path, width);
    expect(await page.locator('h1').count()).toBe(1);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    expect(complaints).toEqual([]);
  });

  it('has two parts, each with its own sidebar, and a page per command', async (ctx) => {
    const linksOf = async (path: string) => {
      const { page, complaints } = await open(ctx, path, 1440);
      expect(complaints).toEqual([]);
      return page.locator('.VPSidebar a').allTextContents();
    };
    const use = await linksOf('train.html');
    expect(use).toEqual(expect.arrayContaining(['Your data', 'Serve', 'Library', 'inspect', 'gru4rec']));
    expect(use).not.toContain('Decisions');
    const internals = await linksOf('decisions/');
    expect(internals).toEqual(
      expect.arrayContaining(['Order of sessions', 'Results by question', 'Reliability']),
    );
    expect(internals).not.toContain('Your data');
  });

  it('finds pages by words, without a server', async (ctx) => {
    const { page, complaints } = await open(ctx, '', 1440);
    await page.keyboard.press('Control+k');
    await page.locator('.VPLocalSearchBox input').fill('repeatLength');
    const found = page.locator('.VPLocalSearchBox .results a').filter({ hasText: 'Hyper-parameters' });
    await found.first().click();
    await page.waitForURL(/hyper-parameters/);
    expect(complaints).toEqual([]);
  });

  it('has the playground, with a model', async (ctx) => {
    const { page, complaints } = await open(ctx, 'playground/', 1440);
    await page.getByRole('searchbox').or(page.getByRole('combobox')).first().waitFor();
    expect(await page.locator('body').textContent()).toContain('GRU4Rec');
    expect(complaints).toEqual([]);
  });
});

describe('the README’s section "In a browser"', () => {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const folder = useTinyShop();

  // The site's build has built the page. A second one at once would empty the folder that other tests read.
  it('builds and serves the playground', async () => {
    const readme = readFileSync(`${root}README.md`, 'utf8');
    const [, build, serve = ''] = /## In a browser\n.*?```sh\n(.*?)\nnpx gru4rec (.*?)\n/s.exec(readme) ?? [];
    expect(build).toMatch(/^npx pnpm@[\d.]+ --filter @gru4rec\/playground build$/);

    const [, model = ''] =
      /^playground \.gru4rec\/demo\/(\S+) --data \.gru4rec\/demo\/data$/.exec(serve) ?? [];
    await trainTiny(folder(), model);
    const tsx = createRequire(import.meta.url).resolve('tsx');
    const words = [...serve.replaceAll('.gru4rec/demo/', '').split(' '), '--port', '0'];
    const child = spawn(
      process.execPath,
      ['--import', tsx, '--conditions=@gru4rec/source', `${root}packages/cli/src/main.ts`, ...words],
      { env: { ...process.env, INIT_CWD: folder() }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const ended = once(child, 'exit');
    const [line] = (await Promise.race([once(child.stdout, 'data'), ended])) as [Buffer];
    const [, url = ''] = /The playground is at (\S+);/.exec(String(line)) ?? [];
    expect(await (await fetch(url)).text()).toContain('<title>GRU4Rec playground');
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
  }, 60_000);
});
