import { metricNames } from '@gru4rec/metrics';
import { checkReport } from './check-report.ts';
import type { ComparisonReport } from './report.ts';

/** Identifies the format. */
export const COMPARISON_FORMAT = 'gru4rec-comparison';

/** Increased when readers of the earlier version would misread the file. */
export const COMPARISON_FORMAT_VERSION = 1;

/** Keys of a report and of its parts, in the order of the file. */
const KEYS: readonly string[] = [
  ...'format formatVersion title origin warnings breakdownCutoff models windows pairs gates examples'.split(
    ' ',
  ),
  ...'name options runs results fitSeconds evaluateSeconds memoryMiB index sessions bytes'.split(' '),
  ...'byPosition byPopularity byLength byTraining curves first second seed epochs epoch loss'.split(' '),
  ...['cutoff', 'label', 'predictions', ...metricNames, 'own', 'coverage', 'popularityBias'],
  ...'from until gate passed mean sd difference interval p clicks earlier next ranks'.split(' '),
];

/** Keys of a report whose values have keys of any name. */
const FREE: readonly string[] = ['origin', 'options', 'own'];

/**
 * Writes a comparison as JSON, indented by two: `format`, `formatVersion`, then the fields of the report.
 *
 * Keys come in a fixed order, those of `origin` and `options` by name, so equal reports give equal texts. Models keep
 * their order. Keys without a value are left out.
 *
 * @throws RangeError under the conditions of `checkReport`.
 */
export function comparisonJson(report: ComparisonReport): string {
  checkReport(report, 'comparisonJson');
  const whole = { format: COMPARISON_FORMAT, formatVersion: COMPARISON_FORMAT_VERSION, ...report };
  return `${JSON.stringify(inOrder(whole, KEYS), undefined, 2)}\n`;
}

/** Orders the keys of all objects in a value. @param keys - those that are kept, in order; if empty, all by name. */
function inOrder(value: unknown, keys: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((part) => inOrder(part, keys));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => keys.length === 0 || keys.includes(key));
  const entries = kept.sort(([a], [b]) => keys.indexOf(a) - keys.indexOf(b) || (a < b ? -1 : 1));
  const within = (key: string) => (FREE.includes(key) ? [] : keys);
  return Object.fromEntries(entries.map(([key, part]) => [key, inOrder(part, within(key))]));
}
