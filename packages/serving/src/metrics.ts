import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { BatchTimes } from './inference/inference.ts';
import type { ModelStatus } from './model-status.ts';

const REQUEST_SECONDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const STAGE_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5];

/** Values that are read whenever the metrics are read. */
export interface MetricSources {
  readonly sessions: () => number | undefined;
  readonly models: () => readonly ModelStatus[];
}

/** The metrics of a server for Prometheus, and Node's. No label names an item or a session. */
export class Metrics {
  readonly registry: Registry = new Registry();
  readonly #requests: Histogram<'http_request_method' | 'http_route' | 'http_response_status_code'>;
  readonly #inference: Histogram<'model' | 'stage'>;
  readonly #batches: Histogram<'model'>;
  readonly #unknown: Counter<'model'>;
  readonly #fallbacks: Counter<'model'>;
  readonly #refused: Counter;

  /** @param ofProcess - whether to measure the process, too. */
  constructor(sources: MetricSources, { ofProcess = true }: { readonly ofProcess?: boolean } = {}) {
    const registers = [this.registry];
    if (ofProcess) collectDefaultMetrics({ register: this.registry });
    this.#requests = new Histogram({
      name: 'http_server_request_duration_seconds',
      help: 'Duration of HTTP requests',
      labelNames: ['http_request_method', 'http_route', 'http_response_status_code'],
      buckets: REQUEST_SECONDS,
      registers,
    });
    this.#inference = new Histogram({
      name: 'gru4rec_inference_duration_seconds',
      help: 'queue: wait of a request for its batch; step: hidden states of a batch; topk: scores and best items of a batch',
      labelNames: ['model', 'stage'],
      buckets: STAGE_SECONDS,
      registers,
    });
    this.#batches = new Histogram({
      name: 'gru4rec_batch_size',
      help: 'Requests that were computed together',
      labelNames: ['model'],
      buckets: [1, 2, 4, 8, 16, 32, 64, 128],
      registers,
    });
    this.#unknown = new Counter({
      name: 'gru4rec_unknown_items_total',
      help: 'Items of requests that the model does not know',
      labelNames: ['model'],
      registers,
    });
    this.#fallbacks = new Counter({
      name: 'gru4rec_fallback_total',
      help: 'Answers with the most popular items, because the session has no known item',
      labelNames: ['model'],
      registers,
    });
    this.#refused = new Counter({
      name: 'gru4rec_refused_connections_total',
      help: 'Connections that were closed at once, because there were as many as the server accepts',
      registers,
    });
    registerGauges(registers, sources);
  }

  request(method: string, route: string, status: number, seconds: number): void {
    this.#requests.observe(
      { http_request_method: method, http_route: route, http_response_status_code: status },
      seconds,
    );
  }

  batch(model: string, { size, queueMs, stepMs, topMs }: BatchTimes): void {
    this.#batches.observe({ model }, size);
    for (const ms of queueMs) this.#inference.observe({ model, stage: 'queue' }, ms / 1000);
    this.#inference.observe({ model, stage: 'step' }, stepMs / 1000);
    this.#inference.observe({ model, stage: 'topk' }, topMs / 1000);
  }

  unknown(model: string, items: number): void {
    if (items > 0) this.#unknown.inc({ model }, items);
  }

  fallback(model: string): void {
    this.#fallbacks.inc({ model });
  }

  refusedConnection(): void {
    this.#refused.inc();
  }
}

/** Registers the gauges, whose values are read whenever the metrics are read. */
function registerGauges(registers: Registry[], { sessions, models }: MetricSources): void {
  const sessionGauge = new Gauge({
    name: 'gru4rec_sessions',
    help: 'Sessions in the store, if it can count them',
    registers,
    collect: () => {
      const size = sessions();
      if (size !== undefined) sessionGauge.set(size);
    },
  });
  const failed = new Gauge({
    name: 'gru4rec_model_load_failed',
    help: '1 if the latest load of a model failed; an earlier version may serve',
    labelNames: ['model'],
    registers,
    collect: () => {
      for (const { name, error } of models()) failed.set({ model: name }, error === null ? 0 : 1);
    },
  });
  const info = new Gauge({
    name: 'gru4rec_model_info',
    help: 'The versions that serve',
    labelNames: ['model', 'version', 'items'],
    registers,
    collect: () => {
      info.reset();
      for (const { name, version, lineage, items } of models()) {
        // One that learns has a new version every few seconds, which would each be a series.
        if (lineage === null) continue;
        info.set({ model: name, version: lineage, items: lineage === version ? String(items) : '' }, 1);
      }
    },
  });
}
