/** A column of clicks besides their items and times, such as the type of the click or the device. */
export interface ContextColumn {
  /** Of the log. */
  readonly name: string;
  /** The distinct values, by the index that events have. */
  readonly values: readonly string[];
  /** Whether it has the types of the clicks; of one column at most. */
  readonly isType?: true;
}

/** The most distinct values of a context column. Others are folded into `OTHER_VALUES`. */
export const MOST_CONTEXT_VALUES = 1000;
/** The value of events whose own value is too rare to be kept. */
export const OTHER_VALUES = '(other)';

/** Of a dataset to which events with other indices are added. */
export interface MergedColumns {
  readonly columns: readonly ContextColumn[];
  /** From the indices of `columns` (fresh). */
  readonly renumber: (context: Int32Array) => Int32Array;
}

/**
 * Own values keep their indices. New values follow, up to `MOST_CONTEXT_VALUES`; others become `OTHER_VALUES`
 * where the dataset has it, else none. Columns that the dataset lacks are left out.
 */
export function mergeContext(own: readonly ContextColumn[], added: readonly ContextColumn[]): MergedColumns {
  const merged = own.map((column) => {
    const { name, values } = column;
    const from = added.findIndex((other) => other.name === name);
    const all = [...values];
    const index = new Map(all.map((value, at) => [value, at]));
    const numbers = (added[from]?.values ?? []).map((value) => {
      const known = index.get(value);
      if (known !== undefined) return known;
      if (all.length >= MOST_CONTEXT_VALUES) return index.get(OTHER_VALUES) ?? -1;
      index.set(value, all.length);
      return all.push(value) - 1;
    });
    return { column: { ...column, values: all }, from, numbers };
  });
  const renumber = (context: Int32Array): Int32Array => {
    const events = added.length === 0 ? 0 : context.length / added.length;
    const renumbered = new Int32Array(events * own.length).fill(-1);
    for (let event = 0; event < events; event++) {
      for (const [to, { from, numbers }] of merged.entries()) {
        const value = from < 0 ? -1 : (context[event * added.length + from] ?? -1);
        if (value >= 0) renumbered[event * own.length + to] = numbers[value] ?? -1;
      }
    }
    return renumbered;
  };
  return { columns: merged.map(({ column }) => column), renumber };
}
