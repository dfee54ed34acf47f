import { Counter, Gauge, Histogram, Registry } from 'prom-client';

const STAGES =
  'queue: wait of a request for its batch; step: hidden states of a batch; topk: scores and best items of a batch';
const FALLBACK = 'Answers with what is trending, because the session has no known item';
const REFUSED = 'Connections that were closed at once, because there were as many as the server accepts';
const REQUEST_SECONDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const STAGE_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5];

/** No label names an item or a session. */
export function makeMetrics() {
  const registry = new Registry();
  const of = (name: string, help: string) => ({ name, help, registers: [registry] });
  return {
    registry,
    requests: new Histogram({
      ...of('http_server_request_duration_seconds', 'Duration of HTTP requests'),
      labelNames: ['http_request_method', 'http_route', 'http_response_status_code'],
      buckets: REQUEST_SECONDS,
    }),
    inference: new Histogram({
      ...of('gru4rec_inference_duration_seconds', STAGES),
      labelNames: ['model', 'stage'],
      buckets: STAGE_SECONDS,
    }),
    batches: new Histogram({
      ...of('gru4rec_batch_size', 'Requests that were computed together'),
      labelNames: ['model'],
      buckets: [1, 2, 4, 8, 16, 32, 64, 128],
    }),
    unknown: new Counter({
      ...of('gru4rec_unknown_items_total', 'Items of requests that the model does not know'),
      labelNames: ['model'],
    }),
    fallbacks: new Counter({ ...of('gru4rec_fallback_total', FALLBACK), labelNames: ['model'] }),
    refused: new Counter(of('gru4rec_refused_connections_total', REFUSED)),
  };
}

export type Metrics = ReturnType<typeof makeMetrics>;

/** Values with their labels, or one without. */
type Read = number | undefined | readonly (readonly [labels: Record<string, string>, value: number])[];
export type ReadMetric = readonly [help: string, read: () => Read | Promise<Read>];

/** Counters if their names end in `_total`, else gauges. */
export function registerReadMetrics(
  registry: Registry,
  metrics: Readonly<Record<string, ReadMetric>>,
  labelNames: readonly string[] = [],
): void {
  for (const [name, [help, read]] of Object.entries(metrics)) {
    const Kind = name.endsWith('_total') ? Counter : Gauge;
    const metric: Counter | Gauge = new Kind({
      name,
      help,
      labelNames: [...labelNames],
      registers: [registry],
      async collect() {
        const values = await read();
        metric.reset();
        for (const [labels, value] of Array.isArray(values) ? values : [[{}, values ?? 0]])
          metric.inc(labels, value);
      },
    });
  }
}
