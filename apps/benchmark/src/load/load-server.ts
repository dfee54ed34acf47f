import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import type { Turn } from '../contest.ts';
import { arrivalTimes, loadAtRate, loadAtSaturation } from './generate-load.ts';
import { type Click, type ReplayLog, replayOf } from './replay.ts';
import { readFigures, type ServerProcess } from './server-process.ts';

/** Connections at a rate and at saturation. */
export const CONNECTIONS = 64;
const [MOST_REQUESTS, TIMEOUT_MS] = [1_000_000, 10_000];
const headers = { 'content-type': 'application/json' };

/** The path and body of the request that `gru4rec serve` answers with recommendations after a click. */
export function requestOf({ sessionId, item }: Click): { readonly path: string; readonly body: string } {
  const path = `/v1/sessions/${encodeURIComponent(sessionId)}/events`;
  return { path, body: JSON.stringify({ item, n: 20 }) };
}

/**
 * Sends a click over keep-alive connections, reads the whole answer and resolves with its status.
 *
 * undici takes 17 to 20 µs of processor time per request, Node's `http` 25, and a parser of our own over `net` 12. At
 * 4,000 requests/s, the difference to the last is 3 % of a core.
 */
export function sendClick(pool: Pool, click: Click): Promise<number> {
  return new Promise((resolve, reject) => {
    let status = 0;
    pool.dispatch(
      { method: 'POST', headers, ...requestOf(click) },
      {
        onConnect: () => undefined,
        onHeaders: (received) => {
          status = received;
          return true;
        },
        onData: () => true,
        onComplete: () => resolve(status),
        onError: reject,
      },
    );
  });
}

/** A running server, the log that is replayed on it, and whether it has `/metrics` of ours. */
export interface LoadedServer {
  readonly process: ServerProcess;
  readonly log: ReplayLog;
  readonly reports: boolean;
}

/**
 * Loads a server once: requests per second, and what else is known of them.
 *
 * @param load.rate - requests per second; at saturation if not given.
 * @throws Error if a request fails, because the figures would not be those of the work.
 */
export async function loadServer(
  { process: running, log, reports }: LoadedServer,
  { seconds, rate }: { readonly seconds: number; readonly rate?: number | undefined },
): Promise<Turn> {
  const timeouts = { headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS };
  const pool = new Pool(running.url, { connections: CONNECTIONS, ...timeouts });
  // At a rate, every visitor clicks once per second on average.
  const visitors = rate === undefined ? CONNECTIONS : Math.ceil(rate);
  const next = replayOf(log, randomUUID().slice(0, 8));
  const send = (visitor: number) => sendClick(pool, next(visitor));
  try {
    const before = reports ? await readFigures(running.url) : undefined;
    const load =
      rate === undefined
        ? await loadAtSaturation(send, visitors, { seconds, requests: MOST_REQUESTS })
        : await loadAtRate(send, visitors, arrivalTimes(rate, seconds, 1));
    const { answered, errors, firstError, latencies, lateness } = load;
    if (errors > 0) throw new Error(`serve: ${errors} requests failed, the first with ${firstError}`);
    const { cpuSeconds, loopLagMs } = (before && (await readFigures(running.url))) ?? {};
    const perRequest = (cpu: number): number => (1000 * cpu) / answered;
    const correctness = {
      ...{ requests: answered, p50Ms: latencies.p50, p90Ms: latencies.p90, p99Ms: latencies.p99 },
      'p99.9Ms': latencies.p999,
      ...(lateness.max > 0 && { sentLateP99Ms: lateness.p99 }),
      ...(before && cpuSeconds && { serverCpuMs: perRequest(cpuSeconds - before.cpuSeconds) }),
      ...(loopLagMs !== undefined && { loopLagP99Ms: loopLagMs }),
      generatorCpuMs: perRequest(load.cpuSeconds),
    };
    const process = { seconds: load.seconds, peakMiB: running.peakMiB() };
    return { value: answered / load.seconds, correctness, process };
  } finally {
    await pool.destroy();
  }
}
