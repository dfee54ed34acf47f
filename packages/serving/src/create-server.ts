import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import bearerAuth from '@fastify/bearer-auth';
import cors from '@fastify/cors';
import underPressure from '@fastify/under-pressure';
import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  LogController,
} from 'fastify';
import { type InferenceLimits, inferenceLimits, type StartThread } from './inference/inference.ts';
import type { ItemsFile } from './items-file.ts';
import { limits } from './limits.ts';
import { Metrics } from './metrics.ts';
import { type ModelEvent, type ModelSource, Models, ServedModel } from './models.ts';
import { describeProblem, PROBLEM_TYPE, Problem, problemBody } from './problem.ts';
import { documentationRoutes } from './routes/documentation.ts';
import { healthRoutes } from './routes/health.ts';
import { metricsRoute } from './routes/metrics.ts';
import { modelRoutes } from './routes/models.ts';
import { recommendRoutes } from './routes/recommend.ts';
import { sessionRoutes } from './routes/sessions.ts';
import type { ServerContext } from './server-context.ts';
import type { SessionStore } from './session-store.ts';
import type { TrafficObserver } from './traffic.ts';
import { schemaCompiler, validationProblem } from './validation.ts';

/** What a server serves, and how. */
export interface ServerOptions {
  /** At least one. */
  readonly models: readonly ModelSource[];
  /** Starts a thread that calls `serveInference` of `@gru4rec/serving/inference-thread`. */
  readonly startThread: StartThread;
  /** The server closes it. */
  readonly sessions: SessionStore;
  /** Metadata and rules of items. The server closes it. */
  readonly items?: ItemsFile | undefined;
  readonly inference?: Partial<InferenceLimits>;
  /** They follow the traffic. The server closes them. */
  readonly observers?: readonly TrafficObserver[];
  /** Without, nothing is logged. */
  readonly logger?: FastifyBaseLogger;
  /** Bearer tokens, one of which every request must have except those for health. Without, none is needed. */
  readonly tokens?: readonly string[];
  /** Refuses clicks, forgetting and loading. */
  readonly readOnly?: boolean;
  /** Origins whose pages may call the server. Without, none. */
  readonly corsOrigins?: readonly string[];
}

/** Times of an orderly stop. */
export interface StopOptions {
  /** How long the server goes on answering while it is not ready, so that nothing is sent to it any more (5 s). */
  readonly probeMs?: number;
  /** How long answers may take after that (20 s). */
  readonly limitMs?: number;
}

/** A server of recommendations over HTTP. */
export class RecommendationServer {
  /** The Fastify instance, for further routes and tests. */
  readonly app: FastifyInstance;
  readonly #context: ServerContext;
  #stopping: Promise<void> | undefined;

  constructor(app: FastifyInstance, context: ServerContext) {
    this.app = app;
    this.#context = context;
  }

  /** @returns the URL that the server listens at, before its models are loaded. */
  async listen({ port = 8080, host = '127.0.0.1' }: { port?: number; host?: string } = {}): Promise<string> {
    await this.app.listen({ port, host });
    const { address, family, port: found } = this.app.server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${found}`;
  }

  /** Loads and warms up all models. @throws Error if one fails. */
  async load(): Promise<void> {
    await Promise.all(this.#context.models.all.map((model) => model.load()));
  }

  /**
   * Stops in order: is not ready, goes on answering for `probeMs`, answers what is in flight, closes connections, models,
   * sessions and observers.
   */
  stop({ probeMs = 5000, limitMs = 20_000 }: StopOptions = {}): Promise<void> {
    this.#stopping ??= this.#stop(probeMs, limitMs);
    return this.#stopping;
  }

  async #stop(probeMs: number, limitMs: number): Promise<void> {
    const { models, sessions, items, observers } = this.#context;
    this.#context.isStopping = true;
    await setTimeout(probeMs);
    const late = new AbortController();
    setTimeout(limitMs, undefined, { signal: late.signal, ref: false }).then(
      () => this.app.server.closeAllConnections(),
      () => undefined,
    );
    await this.app.close();
    late.abort();
    await models.close();
    items?.close();
    for (const observer of observers) await observer.close?.();
    await sessions.close();
  }
}

/**
 * Makes a server. `listen` opens it, and `load` loads its models; it is ready when both are done.
 * @throws RangeError if an option is wrong.
 */
export async function createServer(options: ServerOptions): Promise<RecommendationServer> {
  const { sessions, items, observers = [], readOnly = false, logger } = options;
  const models: Models = new Models(options.models.map((source) => serve(source, options, () => metrics)));
  const metrics = new Metrics({
    sessions: () => sessions.size,
    models: () => models.all.map(({ status }) => status),
  });
  for (const observer of observers) observer.registerMetrics?.(metrics.registry);
  const context: ServerContext = { models, sessions, items, metrics, observers, readOnly, isStopping: false };
  const app = makeApp(logger);
  answerErrors(app);
  follow(app, context);
  await app.register(underPressure, {
    maxEventLoopDelay: 1000,
    message: 'The server is overloaded',
    retryAfter: 1,
  });
  if (options.corsOrigins) await app.register(cors, { origin: [...options.corsOrigins] });
  healthRoutes(app, context);
  await documentationRoutes(app);
  await app.register(async (guarded) => {
    if (options.tokens) await requireTokens(guarded, options.tokens);
    sessionRoutes(guarded, context);
    recommendRoutes(guarded, context);
    modelRoutes(guarded, context);
    metricsRoute(guarded, context);
  });
  await app.ready();
  return new RecommendationServer(app, context);
}

function serve(source: ModelSource, options: ServerOptions, metrics: () => Metrics): ServedModel {
  const { startThread, items, logger } = options;
  return new ServedModel(source, {
    items,
    inference: {
      ...{ ...inferenceLimits, ...options.inference, startThread },
      onBatch: (times) => metrics().batch(source.name, times),
    },
    onEvent: (event) => logger && logEvent(logger, event),
  });
}

function logEvent(logger: FastifyBaseLogger, event: ModelEvent): void {
  if (event.kind === 'loaded') logger.info(event, 'A model is loaded');
  else logger.error({ ...event, error: event.error.message }, 'A model cannot be served');
}

function makeApp(logger: FastifyBaseLogger | undefined): FastifyInstance {
  return fastify({
    ...(logger ? { loggerInstance: logger } : {}),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.body,
    return503OnClosing: false,
    requestTimeout: 30_000,
    routerOptions: { maxParamLength: limits.id },
    frameworkErrors: (error, _request, reply) => {
      const body = describeProblem(error);
      reply.raw.writeHead(body.status, { 'content-type': PROBLEM_TYPE }).end(JSON.stringify(body));
    },
    schemaErrorFormatter: (errors, part) => validationProblem(errors as never, part),
  });
}

/** Answers every error as a problem, and logs the unexpected ones. */
function answerErrors(app: FastifyInstance): void {
  app.setValidatorCompiler(schemaCompiler());
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const body = describeProblem(error);
    if (body.status >= 500 && !(error instanceof Problem))
      request.log.error({ err: error }, 'A request failed');
    if (body.status === 503) reply.header('retry-after', '1');
    return reply.code(body.status).type(PROBLEM_TYPE).send(JSON.stringify(body));
  });
  app.setNotFoundHandler(({ method, url }, reply) => {
    const path = url.split('?', 1)[0] ?? '';
    const detail = `No route ${method} ${path.length > 100 ? `${path.slice(0, 100)}…` : path}; see /docs`;
    return reply
      .code(404)
      .type(PROBLEM_TYPE)
      .send(JSON.stringify(problemBody(404, detail)));
  });
}

/** Measures requests, and asks clients to close their connections while the server stops. */
function follow(app: FastifyInstance, context: ServerContext): void {
  app.addHook('onSend', async (_request, reply) => {
    if (context.isStopping) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async ({ method, routeOptions }, reply) => {
    context.metrics.request(method, routeOptions.url ?? 'none', reply.statusCode, reply.elapsedTime / 1000);
  });
}

async function requireTokens(app: FastifyInstance, tokens: readonly string[]): Promise<void> {
  await app.register(bearerAuth, { addHook: false, keys: new Set(tokens), verifyErrorLogLevel: 'debug' });
  app.addHook('onRequest', (request, reply, done) => {
    app.verifyBearerAuth?.(request, reply, (error) => {
      if (!error) return done();
      reply.header('www-authenticate', 'Bearer');
      done(new Problem(401, 'Expected a bearer token of this server in the header authorization'));
    });
  });
}
