import { metricAt, metricNames, metrics } from '@gru4rec/metrics';
import { formatP, fraction } from './figures.ts';
import { metricLook } from './ranking.ts';
import type { GateOutcome, PairTest } from './report.ts';

/** `+0.0123`, with a true minus. */
function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${fraction(Math.abs(value))}`;
}

/** Heads of a table of paired tests, without those of the two names. */
export function pairHeads([pair]: readonly PairTest[]): string[] {
  return shownIn(pair).flatMap((name) => [`${metricLook(name).label}@${pair?.cutoff}`, '95 %', 'p']);
}

/** The cells of a pair, in the order of `pairHeads`. */
export function pairCells(pair: PairTest): string[] {
  return shownIn(pair).flatMap((name) => {
    const { difference, interval, p } = metricAt(pair, name);
    return [signed(difference), `${signed(interval[0])} to ${signed(interval[1])}`, formatP(p)];
  });
}

const primary = metricNames.filter((name) => !metrics[name].secondary);

function shownIn(pair: PairTest | undefined): string[] {
  return [...primary, ...Object.keys(pair?.own ?? {})];
}

/** What the tables of paired tests show. */
export const PAIRS_NOTE =
  'First minus second: the mean difference, its 95 % interval by session, and p, two-sided, not corrected for the number of pairs.';

/** Gates as lines: `passed: new >= old recall@20 (+0.0100, +0.0010 to +0.0190)`. */
export function gateLine({ gate, passed, difference, interval }: GateOutcome): string {
  const range = interval ? `, ${signed(interval[0])} to ${signed(interval[1])}` : '';
  return `${passed ? 'passed' : 'failed'}: ${gate} (${signed(difference)}${range})`;
}
