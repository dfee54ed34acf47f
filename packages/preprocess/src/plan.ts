import type { CheckedOptions } from './options.ts';
import type { Step } from './progress.ts';
import { cutSplits, splitRule } from './split-options.ts';
import { filterRound, heldOutFilters } from './steps/filter.ts';

/**
 * Seconds for ten million events; the shares of the progress are in proportion to them. Measured on two cores and DuckDB
 * 1.5.6, in memory, on Parquet with integer ids. `filterHeldOut` is a filter of a validation or test split.
 */
const costs = {
  ...{ read: 0.45, check: 0.07, sort: 0.5, count: 0.32 },
  ...{ filter: 0.25, split: 0.18, filterHeldOut: 0.06, index: 0.07, order: 0.8, write: 1.3 },
};
/** For text, estimated from two million events of TSV. */
const TEXT_READ = 1.3;

/** All steps of a preparation, for its progress; `planRound` has those of further rounds of `filterUntilStable`. */
export function planSteps(options: CheckedOptions): Step[] {
  const { inputs } = options;
  const isText = !inputs.every((file) => file.endsWith('.parquet'));
  const cuts = cutSplits.filter((split) => splitRule(options, split) !== undefined).length;
  return [
    { stage: 'read', name: inputs[0] ?? '', share: isText ? TEXT_READ : costs.read },
    { stage: 'sort', name: 'check rows', share: costs.check },
    { stage: 'sort', name: 'sort into sessions', share: costs.sort },
    { stage: 'sort', name: 'count', share: costs.count },
    ...planRound(options, 1),
    { stage: 'split', name: 'by time', share: cuts * costs.split },
    ...heldOutFilters(options).map(
      ({ name }): Step => ({ stage: 'split', name, share: costs.filterHeldOut }),
    ),
    { stage: 'split', name: 'number items', share: costs.index },
    { stage: 'write', name: 'order', share: costs.order },
    { stage: 'write', name: 'train', share: costs.write },
  ];
}

/** The steps of a round of the filters, from 1. */
export function planRound(options: CheckedOptions, round: number): Step[] {
  return filterRound(options, round).map(({ name }) => ({ stage: 'filter', name, share: costs.filter }));
}
