import { once } from 'node:events';
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { RandomStream } from '@gru4rec/random';

export type Latencies = Readonly<Record<'p50' | 'p90' | 'p99' | 'p999' | 'max', number>>;

export interface LoadFigures {
  /** Requests that were answered with status 200; those that failed, and the error or status of the first. */
  readonly answered: number;
  readonly errors: number;
  readonly firstError: string | undefined;
  readonly seconds: number;
  /** Times of all requests: from the intended time at a rate, or from sending at saturation, to the end of the answer. */
  readonly latencies: Latencies;
  /** How late requests were sent that waited for no earlier click of their session; zeros at saturation. */
  readonly lateness: Latencies;
  readonly cpuSeconds: number;
}

/** Sends the next click of a visitor and resolves with the status of its answer. */
export type SendNext = (visitor: number) => Promise<number>;

/** Arrivals of a Poisson process: [round(rate · seconds)] ascending milliseconds in [0, 1000 · seconds), a new array. */
export function arrivalTimes(rate: number, seconds: number, seed: number): Float64Array {
  const random = new RandomStream(seed, 'benchmark.arrivals');
  const next = (): number => random.nextFloat() * 1000 * seconds;
  return Float64Array.from({ length: Math.round(rate * seconds) }, next).sort();
}

/** Each of `visitors` sends the next click when the last is answered; none starts after `requests` clicks or `seconds`. */
export async function loadAtSaturation(
  send: SendNext,
  visitors: number,
  limits: { readonly seconds: number; readonly requests: number },
): Promise<LoadFigures> {
  const { request, figures } = startLoad(send);
  const end = performance.now() + 1000 * limits.seconds;
  let left = limits.requests;
  const visit = async (visitor: number): Promise<void> => {
    for (let now = performance.now(); now < end && left-- > 0; now = performance.now())
      await request(visitor, now);
  };
  await Promise.all(Array.from({ length: visitors }, (_, visitor) => visit(visitor)));
  return figures();
}

/** Time for the first message to reach the pacer. */
const LEAD_MS = 5;

/**
 * Sends at ascending `arrivals` (ms), whether the server keeps up or not: arrival k is a click of visitor k mod `visitors`, and
 * waits for the answer to that visitor's last click. Latency counts from the arrival (no coordinated omission).
 */
export async function loadAtRate(
  send: SendNext,
  visitors: number,
  arrivals: Float64Array,
): Promise<LoadFigures> {
  const { request, late, figures } = startLoad(send);
  /** The arrivals of a busy visitor that wait. */
  const waiting = new Map<number, number[]>();
  const finished: Promise<void>[] = [];
  const visit = async (visitor: number, arrival: number): Promise<void> => {
    const due = [arrival];
    waiting.set(visitor, due);
    late(performance.now() - arrival);
    for (let next = due.shift(); next !== undefined; next = due.shift()) await request(visitor, next);
    waiting.delete(visitor);
  };
  // The pacer posts the index of each arrival in time, in order, from the start that it gets.
  const pacer = new Worker(new URL('./pacer.mjs', import.meta.url), { workerData: arrivals, execArgv: [] });
  const exit = once(pacer, 'exit');
  await once(pacer, 'message');
  const origin = performance.now() + LEAD_MS;
  pacer.on('message', (index: number) => {
    const visitor = index % visitors;
    const arrival = origin + (arrivals[index] ?? 0);
    const due = waiting.get(visitor);
    due ? due.push(arrival) : finished.push(visit(visitor, arrival));
  });
  pacer.postMessage(performance.timeOrigin + origin);
  await exit;
  await Promise.all(finished);
  return figures();
}

function startLoad(send: SendNext) {
  const [latencies, lateness] = [createHistogram(), createHistogram()];
  const start = process.cpuUsage();
  let [first, last, answered, errors] = [Number.POSITIVE_INFINITY, 0, 0, 0];
  let firstError: string | undefined;
  /** Sends the next click of a visitor. Never rejects. @param since - where latency counts from. */
  const request = async (visitor: number, since: number): Promise<void> => {
    first = Math.min(first, since);
    const status = await send(visitor).catch((error: Error) => error.message);
    if (status === 200) answered++;
    else firstError = ++errors > 1 ? firstError : typeof status === 'number' ? `status ${status}` : status;
    last = performance.now();
    record(latencies, last - since);
  };
  const figures = (): LoadFigures => {
    const { user, system } = process.cpuUsage(start);
    const counts = { answered, errors, firstError, seconds: Math.max(0, last - first) / 1000 };
    const times = { latencies: percentilesOf(latencies), lateness: percentilesOf(lateness) };
    return { ...counts, ...times, cpuSeconds: (user + system) / 1e6 };
  };
  return { request, late: (ms: number) => record(lateness, ms), figures };
}

/** Node's histogram is an HDR histogram of integers from 1, with three digits. */
function record(histogram: RecordableHistogram, ms: number): void {
  histogram.record(Math.max(1, Math.round(ms * 1e6)));
}

function percentilesOf(histogram: RecordableHistogram): Latencies {
  if (histogram.count === 0) return { p50: 0, p90: 0, p99: 0, p999: 0, max: 0 };
  const at = (percentile: number): number => histogram.percentile(percentile) / 1e6;
  return { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: histogram.max / 1e6 };
}
