import { isIP } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import bearerAuth from '@fastify/bearer-auth';
import cors from '@fastify/cors';
import { show } from '@gru4rec/checks';
import type { FastifyInstance } from 'fastify';
import { refused } from './app.ts';
import { Problem } from './problem.ts';

const TICK_MS = 10;

/** Refuses requests while the event loop is more than a second late. */
export function refuseOverload(app: FastifyInstance): void {
  const delays = monitorEventLoopDelay({ resolution: TICK_MS });
  delays.enable();
  let isLate = false;
  const timer = setInterval(() => {
    isLate = !(delays.mean / 1e6 - TICK_MS <= 1000);
    delays.reset();
  }, 1000).unref();
  app.addHook('onClose', () => {
    clearInterval(timer);
    delays.disable();
  });
  app.addHook('onRequest', (_request, _reply, done) => {
    done(isLate ? new Problem(503, 'The server is overloaded') : undefined);
  });
}

/** Refuses what no route may answer, and other host names, by which a page of another site could reach the server. */
export function refuseUnfit(app: FastifyInstance, names: readonly string[] | undefined): void {
  const allowed = new Set(['localhost', ...(names ?? []).map((name) => name.toLowerCase())]);
  const isAllowed = (host: string): boolean => {
    const name = host.toLowerCase().replace(/:\d+$/, '');
    return allowed.has(name) || isIP(name.replace(/^\[|\]$/g, '')) > 0;
  };
  const all = names === undefined || allowed.has('*');
  app.addHook('onRequest', ({ raw }, _reply, done) => {
    const { host } = raw.headers;
    if (host === undefined && raw.httpVersion === '1.1') {
      done(new Problem(400, 'A request of HTTP/1.1 expected the header host, got none'));
    } else if (all || host === undefined || isAllowed(host)) done(refused.get(raw));
    else {
      const got = JSON.stringify(host.slice(0, 100));
      const expected = 'The header host expected localhost, an IP address or an allowed name';
      done(
        new Problem(
          403,
          `${expected}, got ${got}. Allow it with --allowed-host (allowedHosts), or require tokens`,
        ),
      );
    }
  });
}

/** Refuses what pages of other origins send, unless the method is safe: browsers send some unasked. */
export function refuseForeign(app: FastifyInstance, origins: readonly string[] = []): void {
  app.addHook('onRequest', ({ method, headers }, _reply, done) => {
    const { origin, host = '', 'sec-fetch-site': site } = headers;
    // Behind a proxy that changes the host, only the browser knows that a page is the server's own.
    if (origin === undefined || /^(GET|HEAD|OPTIONS)$/.test(method) || site === 'same-origin') return done();
    const name = host.toLowerCase().replace(/:(80|443)$/, '');
    const known = [`http://${name}`, `https://${name}`, ...origins];
    if (known.includes(origin) || known.includes('*')) return done();
    const expected = "the server's own or one of --cors (corsOrigins)";
    done(new Problem(403, `The header origin expected ${expected}, got ${show(origin)}`));
  });
}

export function refusePages(app: FastifyInstance): void {
  app.addHook('onRequest', ({ headers: { origin } }, _reply, done) => {
    if (origin === undefined) return done();
    const expected =
      'Without a token, a page may call only /v1/sessions/…, /v1/trending, related items, /v1/recommend and /v1/rank';
    done(new Problem(403, `${expected}; got the header origin ${show(origin)}`));
  });
}

export async function allowOrigins(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  const origin = origins.includes('*') ? '*' : [...origins];
  await app.register(cors, { origin, methods: ['GET', 'POST', 'DELETE'] });
}

export async function requireTokens(app: FastifyInstance, tokens: readonly string[]): Promise<void> {
  await app.register(bearerAuth, {
    addHook: false,
    keys: new Set(tokens),
    verifyErrorLogLevel: 'debug',
    specCompliance: 'rfc6749',
  });
  app.addHook('onRequest', (request, reply, done) => {
    app.verifyBearerAuth?.(request, reply, (error) => {
      if (!error) return done();
      reply.header('www-authenticate', 'Bearer');
      done(new Problem(401, 'Expected a bearer token of this server in the header authorization'));
    });
  });
}
