import { randomUUID } from 'node:crypto';
import type { SessionArrays } from '@gru4rec/batcher';
import type { ItemIds } from '@gru4rec/dataset/ids';
import { Pool } from 'undici';
import type { Turn } from '../contest.ts';
import { arrivalTimes, loadAtRate, loadAtSaturation } from './generate-load.ts';
import { readFigures, type ServerProcess } from './server-process.ts';

export interface ReplayLog extends SessionArrays {
  readonly itemIds: ItemIds;
}

export interface Click {
  readonly sessionId: string;
  readonly item: string;
}

/** Visitors go through sessions in order, again under new ids after the last. `name` begins the ids, so that replays differ. */
export function replayOf(
  { sessionOffsets, items, itemIds }: ReplayLog,
  name: string,
): (visitor: number) => Click {
  const rows = sessionOffsets.length - 1;
  if (rows < 1) throw new RangeError('replayOf: "log" expected at least one session, got none');
  const visits = new Map<number, { sessionId: string; at: number; end: number }>();
  let sessions = 0;
  return (visitor) => {
    let visit = visits.get(visitor);
    if (!visit || visit.at === visit.end) {
      const [at = 0, end = 0] = sessionOffsets.subarray(sessions % rows);
      visit = { sessionId: `${name}-${sessions++}`, at, end };
      visits.set(visitor, visit);
    }
    return { sessionId: visit.sessionId, item: itemIds.at(items[visit.at++] ?? 0) ?? '' };
  };
}

export const CONNECTIONS = 64;
const [MOST_REQUESTS, TIMEOUT_MS] = [1_000_000, 10_000];
const headers = { 'content-type': 'application/json' };

export function requestOf({ sessionId, item }: Click): { readonly path: string; readonly body: string } {
  const path = `/v1/sessions/${encodeURIComponent(sessionId)}/events`;
  return { path, body: JSON.stringify({ item, n: 20 }) };
}

/** Resolves with the status of the whole answer. Processor time per request: undici 17 to 20 µs, Node's `http` 25. */
function sendClick(pool: Pool, click: Click): Promise<number> {
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

/** Requests per second at `rate`, or at saturation. @throws Error if a request fails: the figures would not be the work's. */
export async function loadServer(
  server: ServerProcess,
  log: ReplayLog,
  { seconds, rate }: { readonly seconds: number; readonly rate?: number | undefined },
): Promise<Turn> {
  const timeouts = { headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS };
  const pool = new Pool(server.url, { connections: CONNECTIONS, ...timeouts });
  // At a rate, every visitor clicks once per second on average.
  const visitors = rate === undefined ? CONNECTIONS : Math.ceil(rate);
  const next = replayOf(log, randomUUID().slice(0, 8));
  const send = (visitor: number) => sendClick(pool, next(visitor));
  try {
    const before = await readFigures(server.url);
    const load =
      rate === undefined
        ? await loadAtSaturation(send, visitors, { seconds, requests: MOST_REQUESTS })
        : await loadAtRate(send, visitors, arrivalTimes(rate, seconds, 1));
    const { answered, errors, firstError, latencies, lateness } = load;
    if (errors > 0) throw new Error(`serve: ${errors} requests failed, the first with ${firstError}`);
    const { cpuSeconds, loopLagMs } = await readFigures(server.url);
    const correctness = {
      requests: answered,
      p50Ms: latencies.p50,
      p90Ms: latencies.p90,
      p99Ms: latencies.p99,
      'p99.9Ms': latencies.p999,
      sentLateP99Ms: lateness.p99,
      serverCpuMs: (1000 * (cpuSeconds - before.cpuSeconds)) / answered,
      generatorCpuMs: (1000 * load.cpuSeconds) / answered,
      loopLagP99Ms: loopLagMs,
    };
    return { value: answered / load.seconds, correctness, peakMiB: server.peakMiB() };
  } finally {
    await pool.destroy();
  }
}
