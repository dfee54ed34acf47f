import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { connect } from 'gru4rec/client';

interface Product {
  readonly id: string;
  readonly title: string;
}

const { PORT = '3000', RECOMMENDER = 'http://127.0.0.1:8080', TOKEN } = process.env;
const list: Product[] = JSON.parse(readFileSync(new URL('products.json', import.meta.url), 'utf8'));
const products = new Map(list.map((product) => [product.id, product]));
// What the shop sells now, and not what the visitor has just seen.
const rules = { n: 5, excludeSeen: true, allow: [...products.keys()] };

const shop = fastify();
const recommender = connect(RECOMMENDER, {
  token: TOKEN,
  timeoutMs: 300,
  onEvent: ({ message }) => console.error(message),
});

/** The visitor's id, which a cookie keeps for a day. */
function visitorOf(request: FastifyRequest, reply: FastifyReply): string {
  const known = /(?:^|; )visitor=([\w-]{36})(?:;|$)/.exec(request.headers.cookie ?? '')?.[1];
  const visitor = known ?? randomUUID();
  reply.header('set-cookie', `visitor=${visitor}; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax`);
  return visitor;
}

const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

function cards(shown: Iterable<Product>): string {
  const card = ({ id, title }: Product) =>
    `<a href="/products/${encodeURIComponent(id)}">${escaped(title)}</a>`;
  return `<nav>${Array.from(shown, card).join('')}</nav>`;
}

/** Without recommendations, the page goes without their part. */
function page(title: string, items: readonly { readonly id: string }[], rest: string): string {
  const shown = items.flatMap(({ id }) => products.get(id) ?? []);
  const section = shown.length > 0 ? `<section><h2>For you</h2>${cards(shown)}</section>` : '';
  return `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>${escaped(title)}</title>
<style>
  body { font: 1rem/1.5 system-ui; max-width: 60rem; margin: auto; padding: 1rem }
  nav { display: grid; grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr)); gap: 1rem }
  nav a { padding: 2rem 1rem; background: #eee; color: #222; border-radius: 0.5rem }
</style>
<h1>${escaped(title)}</h1>${section}${rest}
<form method="post" action="/forget"><p><button>Forget me</button></p></form></html>`;
}

shop.addHook('onSend', async (_request, reply) => void reply.type('text/html; charset=utf-8'));
// The form that forgets has no fields.
shop.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, async () => ({}));

shop.get('/', async (request, reply) => {
  const { items } = await recommender.recommend(visitorOf(request, reply), rules);
  return page('Shop', items, `<h2>All products</h2>${cards(products.values())}`);
});

shop.get<{ Params: { id: string } }>('/products/:id', async (request, reply) => {
  const product = products.get(request.params.id);
  if (!product) return reply.code(404).send(page('No such product', [], ''));
  const { items } = await recommender.click(visitorOf(request, reply), product.id, rules);
  return page(product.title, items, '<p><a href="/">All products</a></p>');
});

shop.post('/forget', async (request, reply) => {
  await recommender.forget(visitorOf(request, reply));
  return reply.header('set-cookie', 'visitor=; Path=/; Max-Age=0').redirect('/', 303);
});

console.log(`The shop is at ${await shop.listen({ port: Number(PORT) })}`);
