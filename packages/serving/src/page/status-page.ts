import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';

/** Runs only the page's own script, which asks only its own server. */
const POLICY = [
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:",
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  ...{ 'content-security-policy': POLICY, 'x-content-type-options': 'nosniff' },
  ...{ 'cache-control': 'no-cache', 'referrer-policy': 'no-referrer' },
};

const FILES: readonly (readonly [path: string, name: string, type: string])[] = [
  ['/', 'page.html', 'text/html'],
  ['/page/page.css', 'page.css', 'text/css'],
  ['/page/page.js', 'page.js', 'text/javascript'],
];

/** `/`: a page that shows the state of the server. Its files need no token; it sends one with what it reads. */
export function statusPage(app: FastifyInstance): void {
  for (const [path, name, type] of FILES) {
    // Beside the sources, which a package has too.
    const content = readFileSync(new URL(`../../src/page/${name}`, import.meta.url), 'utf8');
    app.get(path, { schema: { hide: true } }, async (_, reply) =>
      reply.headers(HEADERS).type(`${type}; charset=utf-8`).send(content),
    );
  }
}
