import type { CheckedOptions } from './options.ts';
import { filterRound, sessionFilters } from './steps/filter.ts';

/** What a step takes, in seconds of one core for ten million events: only the proportions count. */
export interface Shares {
  readonly read: number;
  readonly check: number;
  readonly sort: number;
  /** Of one filter over all events, with its row of the funnel. */
  readonly filter: number;
  /** Of one split by time. */
  readonly split: number;
  /** Of one filter over a validation or test split. */
  readonly smallFilter: number;
  readonly index: number;
  /** Of the order that everything is written in. */
  readonly order: number;
  readonly write: number;
}

/** As measured on DuckDB 1.5.6, with a tenth of the memory that the log would fill, on Parquet with integer ids. */
const integers = { read: 1, check: 0.3, sort: 4.9 };
/** On TSV, where ids and times are text: estimated, not measured at this size. */
const text = { read: 7, check: 2.6, sort: 10 };
const later = { filter: 1.9, split: 2.6, smallFilter: 0.6, index: 2.3, order: 4.6, write: 5 };

/** The shares of the steps by what the names of the files promise. */
export function sharesOf({ inputs }: CheckedOptions): Shares {
  return { ...(inputs.every((file) => file.endsWith('.parquet')) ? integers : text), ...later };
}

/** What all steps take that are known from the start: rounds of `filterUntilStable` after the first come on top. */
export function totalShare(shares: Shares, options: CheckedOptions): number {
  const { testDays, validationDays, testInputs } = options;
  const splits = [testDays, validationDays].filter((days) => days !== undefined).length;
  const others = splits + (testInputs === undefined ? 0 : 1);
  return (
    shares.read +
    shares.check +
    shares.sort +
    filterRound(options).length * shares.filter +
    splits * shares.split +
    others * (1 + sessionFilters(options).length) * shares.smallFilter +
    shares.index +
    shares.order +
    shares.write
  );
}
