import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Turn } from '../contest.ts';
import { arrivalTimes } from '../load/arrivals.ts';
import { Connections, eventRequest } from '../load/connections.ts';
import { type LoadFigures, loadAtRate, loadAtSaturation, type Target } from '../load/generate-load.ts';
import { Replay, type ReplayLog } from '../load/replay.ts';
import {
  readFigures,
  type ServerFigures,
  type ServerProcess,
  type ServerProgram,
} from '../load/server-process.ts';
import { ownProgram } from '../own-program.ts';

/** Connections at a rate and at saturation. */
export const CONNECTIONS = 64;
/** The most requests per load. */
const MOST_REQUESTS = 1_000_000;

const address = /http:\/\/127\.0\.0\.1:\d+/;

/** `gru4rec serve` on a free port of the loopback interface. */
export function trainerServe(model: string, options: readonly string[] = []): ServerProgram {
  const script = fileURLToPath(new URL('../../../../scripts/start.mjs', import.meta.url));
  const words = [script, 'serve', model, '--port', '0', '--probe-seconds', '0', '--log-level', 'warn'];
  return { file: process.execPath, words: [...words, ...options], address };
}

/** Fastify without a model. */
export function bareFastify(): ServerProgram {
  return { ...ownProgram(new URL('../load/bare-server.ts', import.meta.url)), address };
}

/** How a server is loaded. */
export interface Load {
  readonly seconds: number;
  /** Requests per second; at saturation if not given. */
  readonly rate?: number;
}

/** One load as the turn of a contestant. */
export interface LoadTurn extends Turn {
  readonly load: LoadFigures;
  /** Undefined for a server that does not report them. */
  readonly server?: ServerFigures;
}

/** A running server, and the log that is replayed on it. */
export interface LoadedServer {
  readonly process: ServerProcess;
  readonly log: ReplayLog;
  /** Whether it has `/metrics` of ours. */
  readonly reports: boolean;
}

/**
 * Loads a server once.
 * @throws Error if a request fails, because the figures would not be those of the work.
 */
export async function loadServer(server: LoadedServer, { seconds, rate }: Load): Promise<LoadTurn> {
  const { process: running, log, reports } = server;
  const connections = new Connections(running.url, CONNECTIONS);
  // At a rate, every visitor clicks once per second on average.
  const visitors = rate === undefined ? CONNECTIONS : Math.ceil(rate);
  const target: Target = {
    replay: new Replay(log, visitors, randomUUID().slice(0, 8)),
    requestOf: eventRequest,
    send: (request) => connections.send(request),
  };
  try {
    const before = reports ? await readFigures(running.url) : undefined;
    const load =
      rate === undefined
        ? await loadAtSaturation(target, visitors, { seconds, requests: MOST_REQUESTS })
        : await loadAtRate(target, visitors, arrivalTimes(rate, seconds, 1));
    if (load.errors > 0)
      throw new Error(`serve: ${load.errors} requests failed, the first with ${load.firstError}`);
    const after = reports ? await readFigures(running.url) : undefined;
    const figures = before && after && { ...after, cpuSeconds: after.cpuSeconds - before.cpuSeconds };
    return turnOf(load, running.peakMiB ?? 0, figures);
  } finally {
    await connections.close();
  }
}

function turnOf(load: LoadFigures, peakMiB: number, server?: ServerFigures): LoadTurn {
  const { answered, seconds, latencies, lateness, cpuSeconds } = load;
  const perRequest = (cpu: number): number => (1000 * cpu) / answered;
  return {
    value: answered / seconds,
    correctness: {
      requests: answered,
      p50Ms: latencies.p50,
      p90Ms: latencies.p90,
      p99Ms: latencies.p99,
      'p99.9Ms': latencies.p999,
      ...(lateness.max > 0 ? { sentLateP99Ms: lateness.p99 } : {}),
      ...(server ? { serverCpuMs: perRequest(server.cpuSeconds), loopLagP99Ms: server.eventLoopLagMs } : {}),
      generatorCpuMs: perRequest(cpuSeconds),
    },
    process: { seconds, peakMiB },
    load,
    ...(server && { server }),
  };
}
