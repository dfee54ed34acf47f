import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { type ClickOptions, connect, type RelatedOptions } from 'gru4rec/client';
import { startRecommender } from './recommender.ts';

type Product = Readonly<Record<'id' | 'title' | 'brand' | 'category' | 'price' | 'url', string>>;

interface Asked {
  readonly Params: { readonly id: string };
  readonly Querystring: Omit<RelatedOptions, 'where'> & { readonly where?: string; readonly q: string };
  readonly Body: ClickOptions & { readonly item: string; readonly items: string[] };
}

const { PORT = '3000', RECOMMENDER = await startRecommender(), TOKEN } = process.env;
const lines = readFileSync('products.jsonl', 'utf8').trim().split('\n');
const products = new Map(lines.map((line): [string, Product] => [JSON.parse(line).id, JSON.parse(line)]));
/** The last items of visitors, for searches. */
const clicked = new Map<string, string[]>();

const shop = fastify();
const recommender = connect(RECOMMENDER, { token: TOKEN });

/** The visitor's id, which a cookie keeps for a day. */
function visitorOf(request: FastifyRequest, reply: FastifyReply): string {
  const known = /(?:^|; )visitor=([\w-]{36})(?:;|$)/.exec(request.headers.cookie ?? '')?.[1];
  const visitor = known ?? randomUUID();
  reply.header('set-cookie', `visitor=${visitor}; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax`);
  return visitor;
}

// What lists in pages ask. The token and the visitor's id stay here.
const api = '/gru4rec/v1';
const rulesOf = ({ where, session, ...rules }: Asked['Querystring']) => ({
  ...rules,
  where: where && JSON.parse(where),
});
shop.get<Asked>(`${api}/trending`, (request, reply) => {
  const { query } = request;
  return recommender.trending(query.n, { ...rulesOf(query), session: visitorOf(request, reply) });
});
shop.get<Asked>(`${api}/items/:id/related`, (request, reply) => {
  const { params, query } = request;
  return recommender.related(params.id, { ...rulesOf(query), session: visitorOf(request, reply) });
});
shop.get<Asked>(`${api}/sessions/me/recommendations`, (request, reply) =>
  recommender.recommend(visitorOf(request, reply), rulesOf(request.query)),
);
shop.post<Asked>(`${api}/sessions/me/events`, (request, reply) => {
  const [visitor, click] = [visitorOf(request, reply), request.body];
  clicked.set(visitor, [...(clicked.get(visitor) ?? []), click.item].slice(-20));
  return recommender.click(visitor, click.item, click);
});
shop.post<Asked>(`${api}/sessions/me/shown`, async (request, reply) => {
  const { recommendationId = '', items } = request.body;
  await recommender.shown(visitorOf(request, reply), recommendationId, items);
  return reply.code(204).send();
});

// The component's script, and the client that it imports.
shop.get<Asked>('/scripts/:id', ({ params }, reply) => {
  const page = import.meta.resolve('gru4rec/page');
  const script = new URL(params.id === 'client.js' ? 'client.js' : page, page);
  return reply.type('text/javascript').send(readFileSync(script));
});

const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

function productsOf(items: readonly { readonly id: string }[]): Product[] {
  return items.flatMap(({ id }) => products.get(id) ?? []);
}

/** A list that the server recommends. */
function list(heading: string, attributes: string): string {
  return `<gru4rec-list server="/gru4rec" session="me" n="5" ${attributes}><template><h2>${heading}</h2><nav>
<a data-item data-href="url"><span data-field="title"></span><b data-field="price"></b></a></nav></template></gru4rec-list>`;
}

function page(title: string, shown: readonly Product[], lists: string): string {
  const cards = shown.map(
    ({ url, title, price }) => `<a href="${escaped(url)}">${escaped(title)}<b>${price}</b></a>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>${escaped(title)}</title>
<script type="module" src="/scripts/page.js"></script>
<style>
  body { font: 1rem/1.5 system-ui; max-width: 60rem; margin: auto; padding: 1rem }
  header, nav { display: grid; grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr)); gap: 1rem }
  nav b::before { content: '€ ' }
  nav a { display: grid; align-content: start; text-decoration: none; padding: 2rem 1rem; background: #eee; color: #222; border-radius: 0.5rem }
</style>
<header><a href="/">Shop</a><a href="/email">E-mail</a><form action="/search"><input name="q" placeholder="Search"></form>
<form method="post" action="/forget"><button>Forget me</button></form></header>
<h1>${escaped(title)}</h1>${cards.length > 0 ? `<nav>${cards.join('')}</nav>` : ''}${lists}</html>`;
}

shop.addHook('onSend', async (_request, reply) => {
  if (/^text\/plain/.test(`${reply.getHeader('content-type')}`)) reply.type('text/html; charset=utf-8');
});
// The form that forgets has no fields.
shop.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, async () => ({}));

shop.get('/', () => Promise.resolve(page('Shop', [], list('For you', 'place="home"'))));

shop.get<Asked>('/products/:id', async ({ params }, reply) => {
  const product = products.get(params.id);
  if (!product) return reply.code(404).send(page('No such product', [], ''));
  const kinds = { alike: 'Similar', next: 'Others went on to' };
  const lists = Object.entries(kinds).map(([kind, heading]) =>
    list(heading, `place="product" kind="${kind}" item="${escaped(product.id)}"`),
  );
  return page(product.title, [product], lists.join(''));
});

shop.get<Asked>('/search', async (request, reply) => {
  const { q } = request.query;
  const found = [...products.values()].filter(({ title }) => title.toLowerCase().includes(q.toLowerCase()));
  const candidates = found.slice(0, 100).map(({ id }) => id);
  const { items } = await recommender.rank(clicked.get(visitorOf(request, reply)) ?? [], candidates);
  return page(q, items.length > 0 ? productsOf(items) : found, '');
});

// A message has tables and styles of its own, and runs no scripts.
shop.get('/email', async (request, reply) => {
  const { items } = await recommender.recommend(visitorOf(request, reply), { n: 4 });
  const cells = productsOf(items).map(
    ({ url, title, price }) =>
      `<td style="padding: 16px"><a href="http://${request.host}${escaped(url)}">${escaped(title)}</a><br>${price}`,
  );
  return `<!doctype html><meta charset="utf-8"><table style="font: 16px sans-serif"><caption>For you<tr>${cells.join('')}</table>`;
});

shop.post('/forget', async (request, reply) => {
  await recommender.forget(visitorOf(request, reply));
  return reply.header('set-cookie', 'visitor=; Path=/; Max-Age=0').redirect('/', 303);
});

console.log(`The shop is at ${await shop.listen({ port: Number(PORT) })}`);
