import { isUtf8 } from 'node:buffer';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  STATUS_CODES,
} from 'node:http';
import type { Socket } from 'node:net';
import { shorten } from '@gru4rec/checks';
import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  LogController,
} from 'fastify';
import { describeProblem, PROBLEM_TYPE, Problem, problemBody } from './problem.ts';
import { limits, schemaCompiler, validationProblem } from './schema.ts';

export const refused: WeakMap<IncomingMessage, Problem> = new WeakMap();

/** Without a logger, nothing is logged. */
export function makeApp(logger: FastifyBaseLogger | undefined): FastifyInstance {
  const app: FastifyInstance = fastify({
    ...(logger ? { loggerInstance: logger } : {}),
    childLoggerFactory: (log) => log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.body,
    return503OnClosing: false,
    serverFactory: makeHttpServer,
    routerOptions: { maxParamLength: limits.id },
    frameworkErrors: (error, { raw }, reply) => {
      const { status, detail } = describeProblem(error);
      refused.set(raw, new Problem(status, detail));
      // No route has this path, and the hooks run, which add headers and measure.
      raw.url = '/refused';
      app.routing(raw, reply.raw);
    },
    clientErrorHandler: answerClientError,
    schemaErrorFormatter: (errors, part) => validationProblem(errors as never, part),
  });
  readJson(app);
  answerErrors(app);
  return app;
}

/** What Node would answer by itself comes to `handler` too, some of it in `refused`. */
export function makeHttpServer(handler: RequestListener): Server {
  const server = createServer({
    requireHostHeader: false,
    requestTimeout: 30_000,
    keepAliveTimeout: 72_000,
  });
  const bounded = boundInFlight(handler);
  server.on('request', bounded);
  server.on('checkExpectation', (request, response) => {
    const got = JSON.stringify(request.headers.expect);
    refused.set(request, new Problem(417, `The header expect expected 100-continue, got ${got}`));
    bounded(request, response);
  });
  return server;
}

/** A client that pipelines without reading would fill the memory. */
function boundInFlight(handler: RequestListener): RequestListener {
  const inFlight = new WeakMap<Socket, number>();
  return (request, response) => {
    const { socket } = request;
    const count = (inFlight.get(socket) ?? 0) + 1;
    // The rest of what was read from a closed connection still comes.
    if (count > limits.inFlight || socket.destroyed) return void socket.destroy();
    inFlight.set(socket, count);
    response.once('close', () => inFlight.set(socket, (inFlight.get(socket) ?? 1) - 1));
    handler(request, response);
  };
}

/** An empty body is none where none is needed, because many clients send the type with every request. */
function readJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('ignore', 'ignore');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    const { 'content-encoding': encoding = 'identity' } = request.headers;
    if (encoding !== 'identity') {
      done(new Problem(415, `The header content-encoding expected identity, got ${encoding}`));
    } else if (body.length === 0 && !request.routeOptions.schema?.body) done(null);
    // Invalid bytes would be decoded as replacement characters, which would change ids and values.
    else if (!isUtf8(body)) done(new Problem(400, 'The body expected UTF-8, got invalid bytes'));
    else parse(request, body.toString(), done);
  });
}

/** Answers what is not HTTP, or did not come in time, which no route sees. */
function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const status = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }[error.code ?? ''] ?? 400;
  const body = JSON.stringify(problemBody(status, 'The request is not complete HTTP of the permitted size'));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  // A client that still writes could lose the answer to a reset.
  const timer = setTimeout(() => socket.destroy(), 2000).unref();
  socket.once('close', () => clearTimeout(timer)).end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function answerErrors(app: FastifyInstance): void {
  app.setValidatorCompiler(schemaCompiler());
  // Two thirds of the time of a compiled schema that allows further fields.
  app.setSerializerCompiler(() => JSON.stringify);
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const body = describeProblem(error);
    if (body.status >= 500 && !(error instanceof Problem))
      request.log.error({ err: error }, 'A request failed');
    if (body.status === 503) reply.header('retry-after', '1');
    return reply.code(body.status).type(PROBLEM_TYPE).send(JSON.stringify(body));
  });
  app.setNotFoundHandler(({ method, url }) => {
    throw new Problem(404, `No route ${method} ${shorten(url.split('?', 1)[0] ?? '')}; see /docs`);
  });
}
