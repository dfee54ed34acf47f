import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { FastifyInstance } from 'fastify';
import { closePort } from './close-port.ts';
import { connectionLimit, connectionsBefore, openFiles } from './connection-limit.ts';
import type { ServerContext } from './server-context.ts';
import type { WarmUp } from './warm-up.ts';

/** Times of an orderly stop. */
export interface StopOptions {
  /**
   * How long a closing server goes on answering while it reports that it is not ready, so that load balancers stop sending
   * requests (5 s).
   */
  readonly probeMs?: number;
  /** How long answers may take after that (20 s). */
  readonly limitMs?: number;
}

/** A server of recommendations over HTTP. */
export interface RecommendationServer {
  /** The Fastify instance. */
  readonly app: FastifyInstance;
  /** @returns the URL that the server listens at, before its models are loaded. */
  listen(address?: { port?: number; host?: string }): Promise<string>;
  /** Loads all models, and warms up the server with requests to itself that leave no trace. @throws Error if one fails, or the limit of open files is too low. */
  load(): Promise<void>;
  /**
   * Stops in order: is not ready, goes on answering for `probeMs`, answers what is in flight, closes connections, models,
   * sessions and observers.
   */
  stop(options?: StopOptions): Promise<void>;
}

/** What a server consists of beside its app. */
interface ServerParts {
  readonly context: ServerContext;
  readonly warmUp: WarmUp;
  /** Undefined for as many as possible. */
  readonly maxConnections: number | undefined;
}

/** A server with its parts. */
export class RunningServer implements RecommendationServer {
  readonly app: FastifyInstance;
  readonly #context: ServerContext;
  readonly #warmUp: WarmUp;
  readonly #maxConnections: number | undefined;
  /** Open files without models. */
  readonly #filesBefore = openFiles().open;
  #stopping: Promise<void> | undefined;

  constructor(app: FastifyInstance, { context, warmUp, maxConnections }: ServerParts) {
    this.app = app;
    this.#warmUp = warmUp;
    this.#context = context;
    this.#maxConnections = maxConnections;
    app.server.maxConnections = connectionsBefore(maxConnections);
  }

  async listen({ port = 8080, host = '127.0.0.1' }: { port?: number; host?: string } = {}): Promise<string> {
    // A name may be several addresses, of which one is opened: this one for everyone.
    await this.app.listen({ port, host: host === 'localhost' ? '127.0.0.1' : host });
    const { address: opened, family, port: found } = this.app.server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${opened}]` : opened}:${found}`;
  }

  async load(): Promise<void> {
    const { server, log } = this.app;
    await Promise.all(this.#context.models.all.map((model) => model.load()));
    await this.#warmUp.run(this.app);
    await this.#context.learning?.start();
    const connections = await promisify(server.getConnections.bind(server))();
    const { open, most } = openFiles();
    server.maxConnections = connectionLimit(this.#maxConnections, {
      ...{ open: open - connections, before: this.#filesBefore, most },
    });
    log.info({ connections: server.maxConnections }, 'The server accepts at most this number of connections');
  }

  async stop({ probeMs = 5000, limitMs = 20_000 }: StopOptions = {}): Promise<void> {
    this.#stopping ??= this.#stop(probeMs, limitMs);
    return this.#stopping;
  }

  async #stop(probeMs: number, limitMs: number): Promise<void> {
    const { models, sessions, items, observers, learning } = this.#context;
    this.#context.isStopping = true;
    await setTimeout(probeMs);
    const late = new AbortController();
    setTimeout(limitMs, undefined, { signal: late.signal, ref: false }).then(
      () => this.app.server.closeAllConnections(),
      () => undefined,
    );
    await closePort(this.app.server);
    await this.app.close();
    late.abort();
    await learning?.pause();
    await models.close();
    items?.close();
    for (const observer of observers) await observer.close?.();
    await learning?.close();
    await sessions.close();
  }
}
