import bearerAuth from '@fastify/bearer-auth';
import cors from '@fastify/cors';
import underPressure from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import { Problem } from './problem.ts';

/** Refuses requests while the event loop is more than a second late. */
export async function refuseOverload(app: FastifyInstance): Promise<void> {
  await app.register(underPressure, { maxEventLoopDelay: 1000, pressureHandler: refuse });
}

function refuse(): never {
  throw new Problem(503, 'The server is overloaded');
}

/** Lets pages of these origins call the server; `*` is any. */
export async function allowOrigins(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  const origin = origins.includes('*') ? '*' : [...origins];
  await app.register(cors, { origin, methods: ['GET', 'POST', 'DELETE'] });
}

/** Refuses requests without one of the bearer tokens. */
export async function requireTokens(app: FastifyInstance, tokens: readonly string[]): Promise<void> {
  await app.register(bearerAuth, {
    ...{ addHook: false, keys: new Set(tokens), verifyErrorLogLevel: 'debug' },
    specCompliance: 'rfc6749', // "bearer" in any case
  });
  app.addHook('onRequest', (request, reply, done) => {
    app.verifyBearerAuth?.(request, reply, (error) => {
      if (!error) return done();
      reply.header('www-authenticate', 'Bearer');
      done(new Problem(401, 'Expected a bearer token of this server in the header authorization'));
    });
  });
}
