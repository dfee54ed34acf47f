import { type ChildProcess, spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { EventLog, ItemsFile } from '@gru4rec/serving';
import { tinySessions } from '@gru4rec/test-support';
import { bundlePage, type ChromiumForTests, chromiumForTests } from '@gru4rec/test-support/browser';
import { createWasmEngine, type Served, serve, train } from 'gru4rec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { urlOf } from './as-user.ts';

const own = fileURLToPath(new URL('..', import.meta.url));
const example = fileURLToPath(new URL('../../../examples/shop', import.meta.url));
const fastify = join(own, '../serving/node_modules/fastify');
const folder = mkdtempSync(join(tmpdir(), 'gru4rec-shop-'));
const log = join(folder, 'events');
const copy = join(folder, 'my-shop');
let found: ChromiumForTests;
let served: Served;
let shop: ChildProcess;
let url: string;

beforeAll(async () => {
  found = await chromiumForTests(process.env);
  const { itemIds, support, ...sessions } = tinySessions({ sessions: 40, items: 30, seed: 3 });
  const config = { layers: [12], batchSize: 6, nSample: 16, nEpochs: 1, learningRate: 0.1 };
  const data = { itemIds, support, train: sessions };
  const model = await train(data, config, { engine: createWasmEngine({ threads: 1 }) });
  await model.save(join(folder, 'model'));
  cpSync(example, copy, { recursive: true });
  const products = Array.from(itemIds, (id, at) =>
    JSON.stringify({ id, title: `Product <${at}>`, price: at, url: `/products/${id}` }),
  );
  writeFileSync(join(copy, 'products.jsonl'), products.join('\n'));
  const items = await ItemsFile.open(join(copy, 'products.jsonl'));
  const observers = [await EventLog.open(log)];
  served = await serve(join(folder, 'model'), { port: 0, items, observers, corsOrigins: ['*'] });
  // Other tests may keep the processors busy.
  const patient = readFileSync(join(example, 'shop.ts'), 'utf8')
    .replace('{ token: TOKEN }', '{ token: TOKEN, timeoutMs: 20_000 }')
    .replace('n="5"', 'n="5" timeout="20000"');
  writeFileSync(join(copy, 'shop.ts'), patient);
  mkdirSync(join(copy, 'node_modules', '@gru4rec'), { recursive: true });
  symlinkSync(join(own, '../synthetic'), join(copy, 'node_modules/@gru4rec/synthetic'), 'junction');
  symlinkSync(own, join(copy, 'node_modules', 'gru4rec'), 'junction');
  symlinkSync(fastify, join(copy, 'node_modules', 'fastify'), 'junction');
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const argv = [`--import=${tsx}`, '--conditions=@gru4rec/source', 'shop.ts'];
  const env = { ...process.env, PORT: '0', RECOMMENDER: served.url, TOKEN: undefined };
  shop = spawn(process.execPath, argv, { cwd: copy, env, stdio: ['ignore', 'pipe', 'pipe'] });
  url = await urlOf(shop, /The shop is at (\S+)/);
}, 60_000);
afterAll(async () => {
  shop?.kill('SIGKILL');
  if ('browser' in found) await found.browser.close();
  await served?.server.stop({ probeMs: 0 });
  rmSync(folder, { recursive: true });
});

/** Session and item of each click in the event log. */
function clicks(): (readonly [session: string, item: string])[] {
  const names = readdirSync(log).filter((name) => name.endsWith('.jsonl'));
  const lines = names.flatMap(
    (name) => readFileSync(join(log, name), 'utf8').match(/\{"SessionId".*/g) ?? [],
  );
  return lines.map((line) => JSON.parse(line)).map(({ SessionId, ItemId }) => [SessionId, ItemId]);
}

describe('examples/shop', () => {
  it('installs the versions of this repository', () => {
    const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
    const tsx = createRequire(import.meta.url).resolve('tsx/package.json');
    expect(read(join(example, 'package.json')).dependencies).toEqual({
      '@gru4rec/synthetic': `^${read(join(own, '../synthetic/package.json')).version}`,
      fastify: read(join(fastify, 'package.json')).version,
      gru4rec: `^${read(join(own, 'package.json')).version}`,
      tsx: read(tsx).version,
    });
  });

  it('has lists at its places, goes on with the cookie, forgets, and outlives the server', async (ctx) => {
    if ('reason' in found) return ctx.skip(found.reason);
    const context = await found.browser.newContext();
    const [list] = await bundlePage({ entries: { page: join(own, 'src/page.ts') } });
    await context.route('**/scripts/page.js', (route) =>
      route.fulfill({ contentType: 'text/javascript', body: (list as { code: string }).code }),
    );
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    const links = page.locator('gru4rec-list a');
    const idsOfPage = async () => {
      await links.first().waitFor();
      const hrefs = await Promise.all((await links.all()).map((link) => link.getAttribute('href')));
      return hrefs.map((href) => href?.replace('/products/', '') ?? '');
    };
    await page.goto(url);
    const trending = await idsOfPage();
    expect(trending).toHaveLength(5);
    const [first = ''] = trending;
    await links.first().click();
    await page.waitForURL(`${url}/products/${first}`);
    expect(await page.locator('h1').textContent()).toMatch(/^Product <\d+>$/);
    // The model has no features, so nothing is alike.
    await expect.poll(async () => new Set(await idsOfPage()).has(first)).toBe(false);
    expect(await page.locator('gru4rec-list[kind="alike"] h2').count()).toBe(0);
    await expect.poll(clicks).toHaveLength(1);
    const [[visitor, item] = ['', '']] = clicks();
    expect(item).toBe(first);
    expect((await context.cookies())[0]?.value).toBe(visitor);

    await page.goto(url);
    expect(await idsOfPage()).not.toEqual(trending);
    await page.goto(`${url}/search?q=product`);
    expect(await page.locator('nav').last().locator('a').count()).toBe(30);
    await page.goto(`${url}/email`);
    expect(await page.locator('td a').count()).toBe(4);
    await page.goto(url);
    await page.getByRole('button', { name: 'Forget me' }).click();
    await page.waitForURL(url);
    expect((await context.cookies())[0]?.value).not.toBe(visitor);
    const forgotten = await fetch(`${served.url}/v1/sessions/${visitor}/recommendations`);
    expect(await forgotten.json()).toMatchObject({ fallback: true });

    // The client in a page itself.
    const [bundle] = await bundlePage({ entries: { client: join(own, 'src/client.ts') } });
    const code = `data:text/javascript,${encodeURIComponent((bundle as { code: string }).code)}`;
    const click = `connect(${JSON.stringify(served.url)}).click('page', ${JSON.stringify(first)}, { n: 3 })`;
    const answer = await page.evaluate(`import(${JSON.stringify(code)}).then(({ connect }) => ${click})`);
    expect(answer).toMatchObject({ items: [{}, {}, {}], fallback: false });
    expect(clicks().at(-1)).toEqual(['page', first]);

    await served.server.stop({ probeMs: 0 });
    const response = await page.goto(`${url}/products/${first}`);
    expect(response?.status()).toBe(200);
    expect(await links.count()).toBe(0);
    expect(problems).toEqual([]);
  });
});
