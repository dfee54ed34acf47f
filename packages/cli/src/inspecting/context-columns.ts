import type { SessionArrays } from '@gru4rec/metrics';
import type { ContextColumn } from '@gru4rec/sessions';

/** A context column of a dataset. Shares are between 0 and 1, of the training clicks. */
export interface ContextFigures {
  readonly name: string;
  /** Number of its values. */
  readonly distinct: number;
  /** Share of the clicks with a value. */
  readonly clicks: number;
  /** The most frequent values. */
  readonly values: readonly { readonly value: string; readonly clicks: number }[];
}

/** Values that are named per column. */
const NAMED = 5;

/** Counts the values of the context columns of sessions. */
export function describeContext(columns: readonly ContextColumn[], train: SessionArrays): ContextFigures[] {
  const { context = new Int32Array(0), items } = train;
  const width = columns.length;
  return columns.map(({ name, values }, column) => {
    const counts = new Float64Array(values.length);
    let clicks = 0;
    for (let at = column; at < context.length; at += width) {
      const value = context[at] ?? -1;
      if (value < 0) continue;
      counts[value] = (counts[value] ?? 0) + 1;
      clicks++;
    }
    const order = [...counts.keys()].sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || a - b);
    const share = (count: number): number => count / Math.max(1, items.length);
    return {
      ...{ name, distinct: values.length, clicks: share(clicks) },
      values: order
        .slice(0, NAMED)
        .map((value) => ({ value: values[value] ?? '', clicks: share(counts[value] ?? 0) })),
    };
  });
}
