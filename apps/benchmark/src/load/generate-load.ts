import { once } from 'node:events';
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import type { ClickRequest } from './connections.ts';
import type { Click, Replay } from './replay.ts';

/** Percentiles of latencies in ms. */
export interface Latencies {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** The figures of a load. */
export interface LoadFigures {
  /** Requests that were answered with status 200. */
  readonly answered: number;
  /** Requests that failed, and the error or status of the first. */
  readonly errors: number;
  readonly firstError?: string;
  /** From the first request to the last answer. */
  readonly seconds: number;
  /** Of all requests: from the intended time at a rate, or from sending at saturation, to the end of the answer. */
  readonly latencies: Latencies;
  /** How late requests were sent that waited for no earlier click of their session; zeros at saturation. */
  readonly lateness: Latencies;
  /** Processor time of the generator's process. */
  readonly cpuSeconds: number;
}

/** A server under load. */
export interface Target {
  readonly replay: Replay;
  readonly requestOf: (click: Click) => ClickRequest;
  /** Sends a request and resolves with the status of its answer. */
  readonly send: (request: ClickRequest) => Promise<number>;
}

/**
 * Sends clicks as fast as answers come: every visitor sends the next click when the last one is answered.
 *
 * @param visitors - the number of requests in flight.
 * @param limits.requests - no more requests are started than these, nor after `limits.seconds`.
 */
export async function loadAtSaturation(
  target: Target,
  visitors: number,
  limits: { readonly seconds: number; readonly requests: number },
): Promise<LoadFigures> {
  const run = new LoadRun(target);
  const end = performance.now() + 1000 * limits.seconds;
  let left = limits.requests;
  const visit = async (visitor: number): Promise<void> => {
    for (let now = performance.now(); now < end && left > 0; now = performance.now()) {
      left--;
      await run.request(visitor, now);
    }
  };
  await Promise.all(Array.from({ length: visitors }, (_, visitor) => visit(visitor)));
  return run.figures();
}

/**
 * Sends clicks at given times, whether the server keeps up or not. Arrival k is a click of visitor k mod `visitors`. If
 * the visitor's last click is not answered yet, the click waits for that answer. Latency counts from the arrival, so a
 * server that stalls is charged for every click that it delays (no coordinated omission).
 *
 * @param arrivals - ascending milliseconds from the start.
 */
export async function loadAtRate(
  target: Target,
  visitors: number,
  arrivals: Float64Array,
): Promise<LoadFigures> {
  const run = new LoadRun(target);
  const waiting: number[][] = Array.from({ length: visitors }, () => []);
  const busy = new Uint8Array(visitors);
  const finished: Promise<void>[] = [];
  const visit = async (visitor: number, arrival: number): Promise<void> => {
    busy[visitor] = 1;
    run.late(performance.now() - arrival);
    for (let due: number | undefined = arrival; due !== undefined; due = waiting[visitor]?.shift())
      await run.request(visitor, due);
    busy[visitor] = 0;
  };
  await pace(arrivals, (index, origin) => {
    const visitor = index % visitors;
    const arrival = origin + (arrivals[index] ?? 0);
    if (busy[visitor] === 1) waiting[visitor]?.push(arrival);
    else finished.push(visit(visitor, arrival));
  });
  await Promise.all(finished);
  return run.figures();
}

/** Calls back at each arrival, in order, with its index and the start of the load. */
async function pace(
  arrivals: Float64Array,
  onArrival: (index: number, origin: number) => void,
): Promise<void> {
  const pacer = new Worker(new URL('./pacer.mjs', import.meta.url), { workerData: arrivals, execArgv: [] });
  const exit = once(pacer, 'exit');
  await once(pacer, 'message');
  const origin = performance.now() + LEAD_MS;
  pacer.on('message', (index: number) => onArrival(index, origin));
  pacer.postMessage(performance.timeOrigin + origin);
  await exit;
}

/** Time for the first message to reach the pacer. */
const LEAD_MS = 5;

/** Counts and times the requests of one load. */
class LoadRun {
  readonly #target: Target;
  readonly #latencies = createHistogram();
  readonly #lateness = createHistogram();
  readonly #cpu = process.cpuUsage();
  #first = Number.POSITIVE_INFINITY;
  #last = 0;
  #answered = 0;
  #errors = 0;
  #firstError: string | undefined;

  constructor(target: Target) {
    this.#target = target;
  }

  /** Sends the next click of a visitor. Never rejects. @param since - where latency counts from. */
  async request(visitor: number, since: number): Promise<void> {
    const { replay, requestOf, send } = this.#target;
    this.#first = Math.min(this.#first, since);
    try {
      const status = await send(requestOf(replay.click(visitor)));
      if (status === 200) this.#answered++;
      else this.#fail(`status ${status}`);
    } catch (error) {
      this.#fail((error as Error).message);
    }
    this.#last = performance.now();
    record(this.#latencies, this.#last - since);
  }

  late(ms: number): void {
    record(this.#lateness, ms);
  }

  figures(): LoadFigures {
    const { user, system } = process.cpuUsage(this.#cpu);
    return {
      answered: this.#answered,
      errors: this.#errors,
      ...(this.#firstError === undefined ? {} : { firstError: this.#firstError }),
      seconds: Math.max(0, this.#last - this.#first) / 1000,
      latencies: percentilesOf(this.#latencies),
      lateness: percentilesOf(this.#lateness),
      cpuSeconds: (user + system) / 1e6,
    };
  }

  #fail(problem: string): void {
    this.#errors++;
    this.#firstError ??= problem;
  }
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
