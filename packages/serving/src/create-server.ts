import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { checkOptions } from '@gru4rec/checks';
import { parseWhere, RuleColumns, type Where } from '@gru4rec/dataset/items';
import type { Engine } from '@gru4rec/program';
import type { Table } from '@gru4rec/report';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { collectDefaultMetrics } from 'prom-client';
import {
  allowOrigins,
  refuseForeign,
  refuseOverload,
  refusePages,
  refuseUnfit,
  requireTokens,
} from './http/access.ts';
import { makeApp } from './http/app.ts';
import { closePort, connectionLimit, connectionsBefore, openFiles } from './http/connections.ts';
import { describeCauses, Problem } from './http/problem.ts';
import type { StartThread } from './inference/inference.ts';
import { type BatchTimes, type InferenceLimits, inferenceLimits } from './inference/model-version.ts';
import type { ItemsFile } from './items/items-file.ts';
import { itemPlugin } from './items/routes.ts';
import { Learning, type LearnOptions, learnChecks, registerLearnMetrics } from './learning/learning.ts';
import { type Metrics, makeMetrics } from './metrics.ts';
import { FreshClicks } from './models/fresh-clicks.ts';
import { modelPlugin } from './models/routes.ts';
import { CONTROL, type Experiment, type ModelSource, Models, ServedModel } from './models/served-model.ts';
import { History } from './online/history.ts';
import { NewItems } from './online/new-items.ts';
import { OnlineEvaluation, registerOnlineMetrics } from './online/online-evaluation.ts';
import {
  dashboardRoutes,
  documentationRoutes,
  healthRoutes,
  metricsRoutes,
  pageRoutes,
} from './page/routes.ts';
import { type ClickTimes, contextOf, type ServerContext } from './server-context.ts';
import { forgetPlugin, relatedPlugin, sessionPlugin } from './sessions/routes.ts';
import type { SessionStore } from './sessions/session-store.ts';
import type { TrafficObserver } from './traffic.ts';
import { warmUp } from './warm-up.ts';

/** What a server serves, and how. */
export interface ServerOptions extends Experiment {
  readonly models: readonly ModelSource[];
  /** Starts a thread that calls `serveInference` of `@gru4rec/serving/inference-thread`. */
  readonly startThread: StartThread;
  /**
   * Makes an engine with one thread, for models that answer on the event loop (`InferenceLimits.maxLoopMs`);
   * without, none do.
   */
  readonly createEngine?: (() => Engine | Promise<Engine>) | undefined;
  readonly sessions: SessionStore;
  /** Metadata and rules of items. The server closes it. */
  readonly items?: ItemsFile | undefined;
  /** A rule about items, by column of `items`, in addition to those of requests. */
  readonly where?: Where | undefined;
  readonly inference?: Partial<InferenceLimits> | undefined;
  /** Observers of the traffic. The server closes them. */
  readonly observers?: readonly TrafficObserver[] | undefined;
  /** Without, nothing is logged. */
  readonly logger?: FastifyBaseLogger | undefined;
  /** Bearer tokens, of which a request needs one, except health checks, documentation and the page. Without, none is needed. */
  readonly tokens?: readonly string[] | undefined;
  /** Bearer tokens that everybody may read: they open only what a visitor's page calls. Only with `tokens`. */
  readonly pageKeys?: readonly string[] | undefined;
  /** Without, 10,000 or as many as the limit of open files leaves, which only Linux reports. */
  readonly maxConnections?: number | undefined;
  /**
   * Learns from the clicks of `learn.log`, which must be one of the observers. Only with one model. When that is replaced, the
   * new one learns the clicks since its dataset first.
   */
  readonly learn?: LearnOptions | undefined;
  /** How often the folders of the models are looked at; a folder that was replaced is loaded (1,000). 0: never. */
  readonly watchMs?: number | undefined;
  /** File that keeps the curves of the page at `/` over a restart: five-minute figures of a day, at most 1 MB. */
  readonly history?: string | undefined;
  /** The versions of the models, for that page. */
  readonly versions?: (() => Table) | undefined;
  /** Refuses clicks, forgetting and loading. */
  readonly readOnly?: boolean | undefined;
  /** How far the time that a client gives a click may be from the server's clock (a day behind, 5 minutes ahead). */
  readonly clickTimes?: ClickTimes | undefined;
  /** Origins whose pages may call the server, without a token only what `pageKeys` open. Without, none. */
  readonly corsOrigins?: readonly string[] | undefined;
  /**
   * Host names of the server beside `localhost` and IP addresses; `*` is any. Requests for others are refused. Without, none
   * if no tokens are needed, else any.
   */
  readonly allowedHosts?: readonly string[] | undefined;
}

/** Times of an orderly stop. */
export interface StopOptions {
  /** How long a closing server goes on answering while not ready, for load balancers (5 s). */
  readonly probeMs?: number | undefined;
  /** How long answers may take after that (20 s). */
  readonly limitMs?: number | undefined;
}

/** A server of recommendations over HTTP. */
export interface RecommendationServer {
  readonly app: FastifyInstance;
  /** @returns the URL that the server listens at, before its models are loaded. */
  listen(address?: { port?: number | undefined; host?: string | undefined }): Promise<string>;
  /** Loads all models, and warms up the server. @throws Error if one fails, or the limit of open files is too low. */
  load(): Promise<void>;
  /** Answers for `probeMs` while not ready, then what is in flight; closes connections, models, sessions and observers. */
  stop(options?: StopOptions): Promise<void>;
}

/**
 * Makes a server: `listen` opens it, `load` loads its models; it is ready after both.
 * @throws RangeError if names of models are equal, or `learn` or `pageKeys` do not fit.
 */
export async function createServer(options: ServerOptions): Promise<RecommendationServer> {
  const context = makeContext(options);
  const { models, sessions, items, metrics, observers, learning } = context;
  const { logger, watchMs = 1000 } = options;
  collectDefaultMetrics({ register: metrics.registry });
  registerOnlineMetrics(metrics.registry, context.evaluation, models);
  if (learning) registerLearnMetrics(metrics.registry, learning);
  for (const observer of observers) observer.registerMetrics?.(metrics.registry);
  sessions.watch?.((status) => {
    if (status.state === 'available') logger?.info(status, 'The store of the sessions works again');
    else logger?.error(status, 'The store of the sessions fails; they are in memory');
  });
  const app = await openApp(options, context);
  for (const observer of observers) {
    await observer.restore?.(sessions, (click) => context.freshClicks.onClick(click));
  }
  const notRead = (error: Error) =>
    logger?.error({ error: describeCauses(error) }, 'The items file cannot be read again');
  items?.watch({
    onChange() {
      logger?.info({ items: items.size }, 'The items file is read again');
      for (const model of models.all) model.useItems().catch(notRead);
    },
    onError: notRead,
  });
  if (watchMs > 0) await models.watch(watchMs);
  return runningServer(app, context, options);
}

function makeContext(options: ServerOptions): ServerContext {
  const { sessions, items, readOnly = false, observers = [] } = options;
  const { clickTimes = { behindMs: 86_400_000, aheadMs: 300_000 } } = options;
  checkModels(options.models);
  if (options.pageKeys && !options.tokens)
    throw new RangeError('createServer: "pageKeys" expected "tokens" with it, got none');
  const where = options.where ? parseWhere(options.where, items?.columns ?? new RuleColumns()) : [];
  const metrics = makeMetrics();
  const freshClicks = new FreshClicks();
  const models = makeModels(options, freshClicks, () => (context.warmUp?.scratch ?? context).metrics);
  const evaluation = new OnlineEvaluation(sessions.limits?.maxAgeMs);
  const history = new History(options.history, { models, evaluation, metrics });
  const newItems = new NewItems(models, items);
  const context: ServerContext = {
    models,
    sessions,
    items,
    where,
    metrics,
    evaluation,
    history,
    newItems,
    versions: options.versions,
    freshClicks,
    readOnly,
    observers: [evaluation, history, newItems, freshClicks, ...observers],
    learning: options.learn && learnFrom(options.learn, models, options),
    clickTimes,
    isStopping: false,
    warmUp: undefined,
  };
  return context;
}

const administration = [forgetPlugin, modelPlugin, itemPlugin, metricsRoutes, dashboardRoutes];

async function openApp(
  { logger, corsOrigins, allowedHosts, tokens, pageKeys = [] }: ServerOptions,
  context: ServerContext,
): Promise<FastifyInstance> {
  const app = makeApp(logger);
  follow(app, context);
  saveSessions(app, context);
  if (corsOrigins) await allowOrigins(app, corsOrigins);
  refuseUnfit(app, allowedHosts ?? (tokens ? undefined : []));
  refuseForeign(app, corsOrigins);
  await documentationRoutes(app, tokens !== undefined);
  pageRoutes(app);
  healthRoutes(app, context);
  await app.register(async (guarded) => {
    refuseOverload(guarded);
    guarded.addHook('onRequest', ({ raw, url }, _reply, done) => {
      const waits =
        context.warmUp && !context.warmUp.own.has(raw) && !/^\/(metrics|page|v1\/models)/.test(url);
      done(waits ? new Problem(503, 'The server warms up') : undefined);
    });
    await guarded.register(async (pages) => {
      pages.addHook('onResponse', (_request, reply, done) => {
        if (!context.warmUp) context.history.onRequest(reply.elapsedTime, reply.statusCode);
        done();
      });
      if (tokens) await requireTokens(pages, [...tokens, ...pageKeys]);
      sessionPlugin(pages, context);
      relatedPlugin(pages, context);
    });
    await guarded.register(async (others) => {
      if (tokens) await requireTokens(others, tokens);
      else refusePages(others);
      for (const feature of administration) feature(others, context);
    });
  });
  await app.ready();
  return app;
}

function measureBatch(metrics: Metrics, model: string, { size, queueMs, stepMs, topMs }: BatchTimes): void {
  metrics.batches.observe({ model }, size);
  for (const ms of queueMs) metrics.inference.observe({ model, stage: 'queue' }, ms / 1000);
  metrics.inference.observe({ model, stage: 'step' }, stepMs / 1000);
  metrics.inference.observe({ model, stage: 'topk' }, topMs / 1000);
}

/** The log restores the clicks since, of at most a session's age. */
const SAVED_EVERY_MS = 300_000;

function saveSessions(app: FastifyInstance, { sessions }: ServerContext): void {
  const failed = (error: Error) =>
    app.log.error({ error: describeCauses(error) }, 'The items of visitors cannot be saved; serving goes on');
  const everyMs = Math.min(SAVED_EVERY_MS, (sessions.limits?.maxAgeMs ?? SAVED_EVERY_MS) / 2);
  const timer = setInterval(() => sessions.save?.().catch(failed), everyMs).unref();
  app.addHook('onClose', async () => clearInterval(timer));
}

function checkModels(models: readonly ModelSource[]): void {
  const names = models.map(({ name }) => name);
  if (names.includes(CONTROL)) {
    const advice = 'which is the control group';
    throw new RangeError(`createServer: "models" expected a name other than ${CONTROL}, ${advice}`);
  }
  if (names.length > 0 && new Set(names).size === names.length) return;
  const got = names.length === 0 ? 'none' : names.join(', ');
  throw new RangeError(`createServer: "models" expected one or more models of distinct names, got ${got}`);
}

function makeModels(
  { models, startThread, createEngine, inference, items, learn, logger, ...split }: ServerOptions,
  freshClicks: FreshClicks,
  metricsNow: () => Metrics,
): Models {
  // One engine for all models on the event loop, made when the first one needs it.
  let engine: Promise<Engine> | undefined;
  const loopEngine =
    createEngine &&
    (() => {
      engine ??= Promise.resolve(createEngine());
      return engine;
    });
  const options = { ...inferenceLimits, ...inference, startThread, loopEngine };
  const made = models.map((source) => {
    return new ServedModel(source, {
      items,
      learns: learn !== undefined,
      inference: { ...options, onBatch: (times) => measureBatch(metricsNow(), source.name, times) },
      logger,
      onVersion: (version) => freshClicks.serve(source.name, version),
    });
  });
  return new Models(made, split);
}

function learnFrom(
  learn: LearnOptions,
  models: Models,
  { startThread, logger, observers = [] }: ServerOptions,
): Learning {
  checkOptions<LearnOptions>('createServer: "learn"', learn, learnChecks);
  const [model, ...others] = models.all;
  if (others.length > 0) {
    throw new RangeError(`createServer: "learn" expected one model, got ${others.length + 1}`);
  }
  if (!observers.includes(learn.log)) {
    throw new RangeError('createServer: "learn.log" expected one of the observers, got another log');
  }
  return new Learning(learn, model, { startThread, logger });
}

function follow(app: FastifyInstance, context: ServerContext): void {
  app.server.on('drop', () => context.metrics.refused.inc());
  app.server.once('drop', () =>
    app.log.warn('Connections are refused, because there are as many as accepted'),
  );
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (context.isStopping) reply.header('connection', 'close');
    done(null, payload);
  });
  app.addHook('onResponse', (request, reply, done) => {
    const labels = {
      http_request_method: request.method,
      http_route: request.routeOptions.url ?? 'none',
      http_response_status_code: reply.statusCode,
    };
    contextOf(context, request.raw).metrics.requests.observe(labels, reply.elapsedTime / 1000);
    done();
  });
}

function runningServer(
  app: FastifyInstance,
  context: ServerContext,
  { maxConnections, tokens }: ServerOptions,
): RecommendationServer {
  const { server, log } = app;
  const before = openFiles().open;
  let stopping: Promise<void> | undefined;
  server.maxConnections = connectionsBefore(maxConnections);
  return {
    app,
    async listen({ port = 8080, host = '127.0.0.1' } = {}) {
      // A name may be several addresses, of which one is opened: this one for everyone.
      await app.listen({ port, host: host === 'localhost' ? '127.0.0.1' : host });
      const { address: opened, family, port: actualPort } = server.address() as AddressInfo;
      return `http://${family === 'IPv6' ? `[${opened}]` : opened}:${actualPort}`;
    },
    async load() {
      await Promise.all(context.models.all.map((model) => model.load()));
      await warmUp(app, context, tokens?.[0]);
      await context.learning?.start();
      const connections = await promisify(server.getConnections.bind(server))();
      const { open, most } = openFiles();
      server.maxConnections = connectionLimit(maxConnections, { open: open - connections, before, most });
      log.info(
        { connections: server.maxConnections },
        'The server accepts at most this number of connections',
      );
    },
    stop(options) {
      stopping ??= stopInOrder(app, context, options);
      return stopping;
    },
  };
}

async function stopInOrder(
  app: FastifyInstance,
  context: ServerContext,
  { probeMs = 5000, limitMs = 20_000 }: StopOptions = {},
): Promise<void> {
  const { models, sessions, items, observers, learning } = context;
  context.isStopping = true;
  await setTimeout(probeMs);
  const late = new AbortController();
  setTimeout(limitMs, undefined, { signal: late.signal, ref: false }).then(
    () => app.server.closeAllConnections(),
    () => undefined,
  );
  await closePort(app.server);
  await app.close();
  late.abort();
  await learning?.pause();
  await models.close();
  items?.close();
  for (const observer of observers) await observer.close?.();
  await learning?.close();
  await sessions.close();
}
