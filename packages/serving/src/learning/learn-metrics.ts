import { Counter, Gauge, type Registry } from 'prom-client';
import type { LearnStatus } from './learner-messages.ts';
import type { Learning } from './learning.ts';

type Value<T = number> = (status: LearnStatus, learning: Learning) => T;

const counters: Readonly<Record<string, readonly [help: string, of: Value]>> = {
  clicks: ['Lines of the event log that were read', ({ clicks }) => clicks],
  pairs: ['Pairs of clicks that were learnt, by earlier servers too', ({ pairs }) => pairs],
  dropped_clicks: ['Clicks beyond a limit, which teach nothing', ({ dropped }) => dropped],
  seconds: ['Time that the thread learnt, compared and saved', ({ seconds }) => seconds],
  versions: ['Versions that were served', (_, { published }) => published],
};

const gauges: Readonly<Record<string, readonly [help: string, of: Value<number | Promise<number>>]>> = {
  unlearnt_bytes: [
    'Bytes of the event log that are not learnt, of any day',
    (_, learning) => learning.unlearnt(),
  ],
  new_items: ['Items that the model did not know before it learnt', ({ newItems }) => newItems],
  saved_timestamp_seconds: ['When it was saved', ({ savedMs = 0 }) => savedMs / 1000],
  failing: ['1 while it cannot read, learn or save', (_, { failing }) => Number(failing !== undefined)],
  stopped: [
    '1 if it learns nothing more; the last good version serves',
    (_, { isStopped }) => Number(isStopped),
  ],
  paused_until_timestamp_seconds: [
    'When a pause ends; 0 while there is none',
    ({ stopped }) => Date.parse(stopped?.until ?? '') / 1000 || 0,
  ],
  guard_evidence: [
    'Evidence that it has fallen behind; it stops above 10,000',
    ({ guard }) => guard.evidence,
  ],
  guard_learner_sessions: ['Sessions whose next click it listed higher', ({ guard }) => guard.learner],
  guard_frozen_sessions: [
    'Sessions whose next click the model that it began with listed higher',
    ({ guard }) => guard.frozen,
  ],
};

/** Adds the metrics of learning, as `gru4rec_learn_…`. */
export function registerLearnMetrics(registry: Registry, learning: Learning): void {
  for (const [name, [help, of]] of Object.entries(counters)) {
    const counter: Counter = new Counter({
      ...{ name: `gru4rec_learn_${name}_total`, help, registers: [registry] },
      collect() {
        counter.reset();
        if (learning.status) counter.inc(of(learning.status, learning));
      },
    });
  }
  for (const [name, [help, of]] of Object.entries(gauges)) {
    const gauge: Gauge = new Gauge({
      ...{ name: `gru4rec_learn_${name}`, help, registers: [registry] },
      async collect() {
        if (learning.status) gauge.set(await of(learning.status, learning));
      },
    });
  }
}
