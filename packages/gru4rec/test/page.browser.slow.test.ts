import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  bundlePage,
  type ChromiumForTests,
  chromiumForTests,
  type Site,
  serveFolder,
} from '@gru4rec/test-support/browser';
import { afterAll, beforeAll, beforeEach, describe, expect, it, type TestContext } from 'vitest';

const item = (id: string, more: object = {}) => {
  return { id, title: `Title <b>${id}</b>`, price: 5, url: `/products/${id}`, ...more };
};
const trap = item('trap', { url: 'javascript:alert(1)' });
const items = [item('shoe'), trap, item('lost', { url: null }), item('hat', { price: null })];
const listed = { recommendationId: 'r-1', source: 'next', items };

let found: ChromiumForTests;
let code: string;
let site: Site;
let requests: { readonly path: string; readonly body: string }[] = [];
let reply: (response: ServerResponse) => void;
const send = (body: unknown) => (response: ServerResponse) => response.end(JSON.stringify(body));

/** A page with a list below the window. */
const pageOf = (attributes: string) => `<!doctype html><title>Shop</title><h1>Shop</h1>
<script>shown = []; addEventListener('gru4rec:shown', ({ detail }) => shown.push(detail))</script>
<script type="module" src="/page.js"></script><div style="height: 120vh"></div>
<gru4rec-list server="/api" ${attributes} timeout="20000">
  <template><h2>For you</h2><ul>
    <li data-item><a data-href="url" data-field="title"></a> <i data-field="price"></i></li>
  </ul></template>
</gru4rec-list><p>The end</p>`;

beforeAll(async () => {
  found = await chromiumForTests(process.env);
  const [bundle] = await bundlePage({ entries: { page: join(import.meta.dirname, '../src/page.ts') } });
  if (bundle?.type !== 'chunk') throw new Error('no bundle');
  code = bundle.code;
  site = await serveFolder('.', {
    answer(request, response) {
      const { url = '' } = request;
      const [, product] = /^\/products\/(\w+)$/.exec(url) ?? [];
      const listOf = product
        ? `place="product" session="ann" item="${product}"`
        : decodeURIComponent(url.slice(2));
      if (url === '/page.js') response.setHeader('content-type', 'text/javascript').end(code);
      else if (!url.startsWith('/api/')) response.setHeader('content-type', 'text/html').end(pageOf(listOf));
      else {
        request.toArray().then((chunks) => {
          requests.push({ path: `${request.method} ${url}`, body: chunks.join('') });
          reply(response);
        });
      }
      return true;
    },
  });
});
afterAll(async () => {
  if ('browser' in found) await found.browser.close();
  await site.close();
});
beforeEach(() => {
  requests = [];
  reply = send(listed);
});

/** A page with a list, and the errors of its scripts. */
async function openList(ctx: TestContext, attributes: string) {
  if ('reason' in found) return ctx.skip(found.reason);
  const page = await (await found.browser.newContext()).newPage();
  const errors: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  await page.goto(`${site.url}?${encodeURIComponent(attributes)}`);
  return { page, errors };
}

const columns = 'fields=url&fields=title&fields=price';
const bodiesOf = (end: string) =>
  requests.flatMap(({ path, body }) => (path.endsWith(end) ? [JSON.parse(body)] : []));
const clicks = () => bodiesOf('/events');

describe('gru4rec-list', () => {
  it('has at most 6 kB', () => {
    expect(gzipSync(code).length).toBeLessThan(6000);
  });

  it.for([
    ['place="home"', `trending?${columns}&place=home`],
    [
      `place="home" session="a/b" n="4" rules='{"excludeSeen": true}'`,
      `sessions/a%2Fb/recommendations?excludeSeen=true&n=4&${columns}&place=home`,
    ],
    ['place="basket" item="shoe"', `items/shoe/related?${columns}&place=basket&kind=together`],
    ['place="product" item="shoe" kind="alike"', `items/shoe/related?${columns}&place=product&kind=alike`],
  ] as const)('with %s asks for %s', async ([attributes, path], ctx) => {
    const { page } = await openList(ctx, attributes);
    await page.getByText('For you').waitFor();
    expect(requests).toEqual([{ path: `GET /api/v1/${path}`, body: '' }]);
  });

  it('renders links to products, says what is in sight, and changes with its attributes', async (ctx) => {
    const { page, errors } = await openList(ctx, 'place="home"');
    const links =
      '[...document.links].map((link) => [link.textContent, link.pathname, link.nextElementSibling?.textContent])';
    expect(await page.evaluate(links)).toEqual([
      ['Title <b>shoe</b>', '/products/shoe', '5'],
      ['Title <b>hat</b>', '/products/hat', undefined],
    ]);
    expect(await page.evaluate('shown')).toEqual([]);
    await page.getByText('The end').scrollIntoViewIfNeeded();
    await page.waitForFunction('shown.length > 0');
    const detail = { ...listed, place: 'home', items: [{ id: 'shoe' }, { id: 'hat' }] };
    expect(await page.evaluate('shown')).toMatchObject([detail]);

    reply = send({ ...listed, items: [item('cap')] });
    await page.evaluate(`document.querySelector('gru4rec-list').setAttribute('item', 'hat')`);
    await page.getByRole('link', { name: 'cap' }).waitFor();
    expect(await page.getByRole('link').count()).toBe(1);
    expect(errors).toEqual([]);
  });

  it('sends a click once with its answer, and the view of another product', async (ctx) => {
    const { page, errors } = await openList(ctx, 'place="home" session="ann"');
    await page.getByRole('link').first().waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/products/shoe');
    await expect.poll(clicks).toHaveLength(2);
    await expect
      .poll(() => requests.map(({ path }) => path))
      .toContain(`GET /api/v1/items/shoe/related?${columns}&place=product&session=ann&kind=next`);
    const click = {
      item: 'shoe',
      recommendationId: 'r-1',
      eventId: expect.stringMatching(/^r-1 \d+$/),
      n: 0,
    };
    expect(clicks()).toEqual([click, click]);
    expect(bodiesOf('/sessions/ann/shown')).toContainEqual({
      recommendationId: 'r-1',
      items: ['shoe', 'hat'],
    });
    expect(clicks()[1].eventId).toBe(clicks()[0].eventId);
    expect(requests).toContainEqual(expect.objectContaining({ path: 'POST /api/v1/sessions/ann/events' }));

    await page.getByRole('link', { name: 'hat' }).click({ button: 'middle' });
    await expect.poll(() => clicks().length).toBeGreaterThan(2);
    expect(clicks()[2]).toMatchObject({ item: 'hat', recommendationId: 'r-1' });
    await page.goto(`${site.url}products/cap`);
    // The tab that the middle button opened sends its own view, before or after this one.
    await expect.poll(clicks).toContainEqual({ item: 'cap', eventId: expect.any(String), n: 0 });
    expect(errors).toEqual([]);
  });

  it.for<[string, (response: ServerResponse) => void]>([
    ['is dead', (response) => response.destroy()],
    ['is slow', () => {}],
    ['is overloaded', (response) => response.writeHead(503).end('{"detail":"busy"}')],
    ['has nothing', send({ items: [] })],
    ['answers with something else', send('<html>')],
  ])('shows nothing if the server %s', async ([, answer], ctx) => {
    reply = answer;
    const { page, errors } = await openList(ctx, 'place="product" item="shoe" session="ann" timeout="200"');
    await expect.poll(() => requests.length).toBeGreaterThan(1);
    await page.waitForTimeout(400);
    expect(await page.getByRole('heading').allTextContents()).toEqual(['Shop']);
    expect(await page.getByText('The end').count()).toBe(1);
    expect(errors).toEqual([]);
  });
});
