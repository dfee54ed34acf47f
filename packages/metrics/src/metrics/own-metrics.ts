import type { OptionChecks } from '@gru4rec/checked-options';
import type { Metric } from './metric.ts';
import { metricNames, metrics } from './registry.ts';

/** Metrics of the caller, beside those of the registry. */
export interface MetricOptions {
  /** Of one target per prediction, each with its own label. Their values are in `own`, by label. */
  readonly metrics?: readonly Metric[];
}

const taken: readonly string[] = metricNames.flatMap((name) => [name, metrics[name].label.toLowerCase()]);

/** The check of `metrics` among options. */
export const metricChecks: OptionChecks<MetricOptions> = {
  metrics: {
    expected: `array of metrics, each with a function "of" and its own "label", not ${metricNames.join(', ')}`,
    fits: (value) => Array.isArray(value) && value.every(isMetric) && distinct(value),
  },
};

/** Safe in every kind of report. */
const LABEL = /^[\p{L}\p{N}][\p{L}\p{N} .+_-]{0,39}$/u;

/** Whether a value is a metric, with a label of letters, digits and ` .+-_`, that is not in the registry. */
export function isMetric(value: unknown): value is Metric {
  const { label, of } = (value ?? {}) as Partial<Metric>;
  const named = typeof label === 'string' && LABEL.test(label) && !taken.includes(label.toLowerCase());
  return named && typeof of === 'function';
}

function distinct(own: readonly Metric[]): boolean {
  return new Set(own.map(({ label }) => label)).size === own.length;
}

/** The metrics of the registry, then those of the caller, whose values are checked. */
export function allMetrics(own: readonly Metric[] = []): Metric[] {
  return [...metricNames.map((name) => metrics[name]), ...own.map(checkedMetric)];
}

/** A metric of the caller that throws a RangeError for values that are not from 0 to 1. */
export function checkedMetric(metric: Metric): Metric {
  const { label } = metric;
  return {
    label,
    of(ranks, cutoff) {
      const value = metric.of(ranks, cutoff);
      if (value >= 0 && value <= 1) return value;
      throw new RangeError(
        `metrics: "${label}" expected a number from 0 to 1, got ${value} for rank ${ranks[0]} and cutoff ${cutoff}.`,
      );
    },
  };
}
