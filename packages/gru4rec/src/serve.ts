import { basename, resolve } from 'node:path';
import {
  anything,
  checkOptions,
  finite,
  flag,
  integer,
  type OptionCheck,
  type OptionChecks,
  text,
} from '@gru4rec/checks';
import { loopEngineMaker, type ThreadEngine, threadStarter } from '@gru4rec/cli/engines';
import type { ModelSource, RecommendationServer, ServerOptions } from '@gru4rec/serving';

/** Where and how models are served. */
export interface ServeOptions
  extends Omit<ServerOptions, 'models' | 'startThread' | 'createEngine' | 'sessions' | 'versions'> {
  /** 8080 if not given; 0 takes a free one. */
  readonly port?: number | undefined;
  /** Address to listen at; `127.0.0.1` if not given. */
  readonly host?: string | undefined;
  /** Where sessions are kept: `memory`, the default, or the URL of a Redis server. An event log among the observers restores them. */
  readonly sessionStore?: string | undefined;
  /** Threads of the engine per model (1). */
  readonly threads?: number | undefined;
}

const clickTimes: OptionCheck = {
  expected: '{ behindMs, aheadMs } with numbers >= 0',
  fits: (value) => {
    const { behindMs, aheadMs } = Object(value);
    return [behindMs, aheadMs].every(finite(0).fits);
  },
};

const checks: OptionChecks<ServeOptions> = {
  port: integer(0, 65_535),
  host: text,
  sessionStore: text,
  threads: integer(1),
  controlWeight: finite(0),
  experiment: text,
  items: anything,
  where: anything,
  inference: anything,
  observers: anything,
  logger: anything,
  tokens: anything,
  pageKeys: anything,
  watchMs: anything,
  readOnly: flag,
  corsOrigins: anything,
  allowedHosts: anything,
  maxConnections: anything,
  learn: anything,
  history: text,
  clickTimes,
};

/** A running server, ready to answer. Disposing it stops the server without answering probes first. */
export interface Served extends AsyncDisposable {
  readonly url: string;
  readonly server: RecommendationServer;
}

/**
 * Serves recommendations over HTTP, as `gru4rec serve` does, until `server.stop()`. A thread runs each model.
 *
 * @param models - the folder of a model, whose name in answers is that of its folder, or several models with names.
 * @throws Error if a model cannot be loaded or the port cannot be opened, RangeError if an option is wrong.
 * @example
 * await using served = await serve('model', { port: 0 });
 * const { status } = await fetch(`${served.url}/health/ready`);
 */
export async function serve(
  models: string | readonly ModelSource[],
  options: ServeOptions = {},
): Promise<Served> {
  checkOptions('serve', options, checks);
  const { port, host, sessionStore = 'memory', threads = 1, ...others } = options;
  const { createServer, openSessionStore } = await import('@gru4rec/serving');
  const engine: ThreadEngine = { engine: 'wasm', threads };
  const sessions = await openSessionStore(sessionStore, { readOnly: others.readOnly });
  const server = await createServer({
    ...others,
    models: typeof models === 'string' ? [{ name: basename(resolve(models)), directory: models }] : models,
    sessions,
    startThread: threadStarter(engine),
    createEngine: loopEngineMaker(engine),
  }).catch(async (error) => {
    await sessions.close();
    throw error;
  });
  try {
    const url = await server.listen({ port, host: host || undefined });
    await server.load();
    return { url, server, [Symbol.asyncDispose]: () => server.stop({ probeMs: 0 }) };
  } catch (error) {
    await server.stop({ probeMs: 0 });
    throw error;
  }
}
