import { checkOptions } from '@gru4rec/checked-options';
import type { Engine } from '@gru4rec/program';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { Gauge, type Registry } from 'prom-client';
import { allowOrigins, refuseForeign, refuseOverload, refuseUnfit, requireTokens } from './access.ts';
import { FreshClicks } from './fresh-clicks.ts';
import { makeApp } from './http-app.ts';
import type { BatchTimes, StartThread } from './inference/inference.ts';
import { type InferenceLimits, inferenceLimits } from './inference/inference-limits.ts';
import type { ItemsFile } from './items-file.ts';
import { registerLearnMetrics } from './learning/learn-metrics.ts';
import {
  type LearnEvent,
  Learning,
  type LearnOptions,
  learnChecks,
  logLearnEvent,
} from './learning/learning.ts';
import { Metrics } from './metrics.ts';
import type { ModelEvent, ModelSource, ServedModelOptions } from './model-status.ts';
import { Models } from './models.ts';
import { NewItems } from './new-items.ts';
import { OnlineEvaluation, type OnlineEvaluationLimits } from './online/online-evaluation.ts';
import { registerOnlineMetrics } from './online/online-metrics.ts';
import { statusPage } from './page/status-page.ts';
import { describeCauses } from './problem.ts';
import { type RecommendationServer, RunningServer } from './recommendation-server.ts';
import { documentationRoutes } from './routes/documentation.ts';
import { healthRoutes } from './routes/health.ts';
import { itemRoutes } from './routes/items.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { modelRoutes } from './routes/models.ts';
import { recommendRoutes } from './routes/recommend.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { ServedModel } from './served-model.ts';
import type { ContextOf, ServerContext } from './server-context.ts';
import type { SessionStore } from './session-store.ts';
import type { TrafficObserver } from './traffic.ts';
import { WarmUp } from './warm-up.ts';

/** What a server serves, and how. */
export interface ServerOptions {
  /** At least one. */
  readonly models: readonly ModelSource[];
  /** Starts a thread that calls `serveInference` of `@gru4rec/serving/inference-thread`. */
  readonly startThread: StartThread;
  /**
   * Makes an engine with one thread, for models that answer faster than a message to a thread takes
   * (`InferenceLimits.maxLoopMs`): they answer on the event loop. Without, every model has its thread.
   */
  readonly createEngine?: (() => Engine | Promise<Engine>) | undefined;
  /** The server closes it. */
  readonly sessions: SessionStore;
  /** Metadata and rules of items. The server closes it. */
  readonly items?: ItemsFile | undefined;
  readonly inference?: Partial<InferenceLimits>;
  /** Observers of the traffic. The server closes them. */
  readonly observers?: readonly TrafficObserver[];
  /** Of the online evaluation. */
  readonly evaluation?: Partial<OnlineEvaluationLimits>;
  /** Without, nothing is logged. */
  readonly logger?: FastifyBaseLogger;
  /** Bearer tokens: every request except the health checks, the documentation and the files of the page must have one of them. Without tokens, no request needs one. */
  readonly tokens?: readonly string[];
  /**
   * The most connections, others are closed at once. Without, 10,000 or as many as the limit of open files leaves, which only
   * Linux reports.
   */
  readonly maxConnections?: number;
  /** Learns from the clicks of `learn.log`, which must be one of the observers. Only with one model, which is not watched then. */
  readonly learn?: LearnOptions;
  /** How often the folders of the models are looked at; a folder that was replaced is loaded (1,000). 0: never. */
  readonly watchMs?: number;
  /** Refuses clicks, forgetting and loading. */
  readonly readOnly?: boolean;
  /** Type of the clicks whose items `excludePurchased` leaves out (`purchase`). */
  readonly purchaseType?: string;
  /** How far the time that a client gives a click may be behind the server's clock (a day). */
  readonly clickBehindMs?: number;
  /** How far it may be ahead (5 minutes). */
  readonly clickAheadMs?: number;
  /** Origins whose pages may call the server. Without, none. */
  readonly corsOrigins?: readonly string[];
  /**
   * Host names of the server beside `localhost` and IP addresses; `*` is any. Requests for others are refused. Without, none
   * if no tokens are needed, else any.
   */
  readonly allowedHosts?: readonly string[];
}

/**
 * Makes a server. `listen` opens it, and `load` loads its models; it is ready when both are done.
 * @throws RangeError if names of models are equal, or `learn` does not fit.
 */
export async function createServer(options: ServerOptions): Promise<RecommendationServer> {
  const { sessions, items, readOnly = false, purchaseType = 'purchase', logger } = options;
  const { clickBehindMs: behindMs = 86_400_000, clickAheadMs: aheadMs = 300_000 } = options;
  checkModels(options.models);
  const loopEngine = sharedEngine(options);
  const models: Models = new Models(
    options.models.map((source) =>
      serve(source, options, {
        loopEngine,
        onBatch: (times) => context.isWarmingUp || metrics.batch(source.name, times),
      }),
    ),
  );
  const metrics = new Metrics({
    sessions: () => sessions.size,
    models: () => models.all.map(({ status }) => status),
  });
  reportStore(sessions, metrics.registry, logger);
  const evaluation = new OnlineEvaluation(options.evaluation);
  registerOnlineMetrics(metrics.registry, evaluation, () => models.all.map(({ status }) => status));
  const learning = options.learn && learnFrom(options.learn, models, options);
  if (learning) registerLearnMetrics(metrics.registry, learning);
  const newItems = new NewItems(models, items);
  const observers: readonly TrafficObserver[] = [
    ...[evaluation, newItems, new FreshClicks(models.all)],
    ...(options.observers ?? []),
  ];
  for (const observer of options.observers ?? []) observer.registerMetrics?.(metrics.registry);
  const context: ServerContext = {
    ...{ models, sessions, items, metrics, evaluation, observers, learning, newItems },
    ...{ readOnly, purchaseType, clickTimes: { behindMs, aheadMs }, isStopping: false, isWarmingUp: false },
  };
  const warmUp = new WarmUp(context, options.tokens?.[0]);
  const { contextOf } = warmUp;
  const app = makeApp(logger);
  follow(app, context, contextOf);
  if (options.corsOrigins) await allowOrigins(app, options.corsOrigins);
  refuseUnfit(app, options.allowedHosts ?? (options.tokens ? undefined : []));
  refuseForeign(app, options.corsOrigins);
  await documentationRoutes(app, options.tokens !== undefined);
  statusPage(app);
  healthRoutes(app, context);
  await app.register(async (guarded) => {
    refuseOverload(guarded);
    if (options.tokens) await requireTokens(guarded, options.tokens);
    sessionRoutes(guarded, contextOf);
    recommendRoutes(guarded, contextOf);
    modelRoutes(guarded, context);
    itemRoutes(guarded, context);
    metricsRoutes(guarded, context);
  });
  await app.ready();
  for (const observer of observers) await observer.restore?.(sessions);
  const notRead = (error: Error) =>
    logger?.error({ error: describeCauses(error) }, 'The items file cannot be read again');
  items?.watch({
    onChange() {
      logger?.info({ items: items.size }, 'The items file is read again');
      for (const model of models.all) model.useItems().catch(notRead);
    },
    onError: notRead,
  });
  const { watchMs = 1000 } = options;
  if (watchMs > 0) await models.watch(watchMs);
  return new RunningServer(app, { context, warmUp, maxConnections: options.maxConnections });
}

function checkModels(models: readonly ModelSource[]): void {
  const names = models.map(({ name }) => name);
  if (names.length > 0 && new Set(names).size === names.length) return;
  const got = names.length === 0 ? 'none' : names.join(', ');
  throw new RangeError(`createServer: "models" expected one or more models of distinct names, got ${got}`);
}

/** What the models of a server share. */
interface ModelHooks extends Pick<ServedModelOptions, 'loopEngine'> {
  readonly onBatch: (times: BatchTimes) => void;
}

/** One engine for all models on the event loop, made when the first one needs it. */
function sharedEngine({ createEngine }: ServerOptions): ServedModelOptions['loopEngine'] {
  if (!createEngine) return undefined;
  let engine: Promise<Engine> | undefined;
  return () => {
    engine ??= Promise.resolve(createEngine());
    return engine;
  };
}

function serve(
  source: ModelSource,
  options: ServerOptions,
  { onBatch, loopEngine }: ModelHooks,
): ServedModel {
  const { startThread, items, logger } = options;
  return new ServedModel(source, {
    ...{ items, loopEngine },
    inference: {
      ...{ ...inferenceLimits, ...options.inference, startThread, onBatch },
    },
    learns: options.learn !== undefined,
    onEvent: (event) => logger && logEvent(logger, event),
  });
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
  const onEvent = (event: LearnEvent) => logger && logLearnEvent(logger, event);
  return new Learning(learn, { model, startThread, onEvent });
}

function logEvent(logger: FastifyBaseLogger, event: ModelEvent): void {
  if (event.kind === 'loaded') logger.info(event, 'A model is loaded');
  else if (event.kind === 'items') logger.info(event, 'A version with more items is served');
  else if (event.kind === 'published') logger.debug(event, 'A version that was learnt is served');
  else logger.error({ ...event, error: describeCauses(event.error) }, 'A model cannot be served');
}

/** Adds the metric of a store that can fail, and logs when it fails and works again. */
function reportStore(store: SessionStore, registry: Registry, logger?: FastifyBaseLogger): void {
  if (!store.status) return;
  const available: Gauge = new Gauge({
    ...{ name: 'gru4rec_session_store_available', help: '0 while the store of the sessions fails' },
    registers: [registry],
    collect: () => available.set(store.status?.state === 'available' ? 1 : 0),
  });
  store.watch?.((status) => {
    if (status.state === 'available') logger?.info(status, 'The store of the sessions works again');
    else logger?.error(status, 'The store of the sessions fails; they are in memory');
  });
}

/** Measures requests and refused connections, and asks clients to close their connections while the server stops. */
function follow(app: FastifyInstance, context: ServerContext, contextOf: ContextOf): void {
  app.server.on('drop', () => context.metrics.refusedConnection());
  app.server.once('drop', () =>
    app.log.warn('Connections are refused, because there are as many as accepted'),
  );
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (context.isStopping) reply.header('connection', 'close');
    done(null, payload);
  });
  app.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions } = request;
    const { metrics } = contextOf(request);
    metrics.request(method, routeOptions.url ?? 'none', reply.statusCode, reply.elapsedTime / 1000);
    done();
  });
}
