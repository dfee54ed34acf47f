import type { CheckedOptions } from './options.ts';
import type { Stage } from './progress.ts';
import { cutSplits, splitRule } from './split-options.ts';
import { filterRound, heldOutFilters } from './steps/filter.ts';

/**
 * Seconds for ten million events; the shares of the progress are in proportion to them. Measured on two cores and DuckDB
 * 1.5.6, in memory, on Parquet with integer ids.
 */
const integerCosts = { read: 0.45, judge: 0.03, countRows: 0.04, sort: 0.5, countEvents: 0.32 };
/** For text, estimated from two million events of TSV. */
const textCosts = { ...integerCosts, read: 1.3 };
/** `remove` and `count` are the two steps of a filter; `filterHeldOut` is a filter of a validation or test split. */
const costs = {
  remove: 0.1,
  count: 0.15,
  split: 0.18,
  filterHeldOut: 0.06,
  index: 0.07,
  order: 0.8,
  write: 1.3,
};

/** All steps of a preparation, for its progress; `planRound` has those of further rounds of `filterUntilStable`. */
export function planSteps(options: CheckedOptions): Stage[] {
  const { inputs } = options;
  const { read, judge, ...ofText } = inputs.every((file) => file.endsWith('.parquet'))
    ? integerCosts
    : textCosts;
  const cuts = cutSplits.filter((split) => splitRule(options, split) !== undefined).length;
  const split = [
    { name: 'by time', share: cuts * costs.split },
    ...heldOutFilters(options).map(({ name }) => ({ name, share: costs.filterHeldOut })),
    { name: 'number items', share: costs.index },
  ];
  return [
    { stage: 'read', steps: [{ name: inputs[0] ?? '', share: read }] },
    {
      stage: 'sort',
      steps: [
        { name: 'check rows', share: judge },
        { name: 'check rows', share: ofText.countRows },
      ],
    },
    {
      stage: 'sort',
      steps: [
        { name: 'sort into sessions', share: ofText.sort },
        { name: 'count', share: ofText.countEvents },
      ],
    },
    ...planRound(options, 1),
    ...split.map((step): Stage => ({ stage: 'split', steps: [step] })),
    { stage: 'write', steps: [{ name: 'order', share: costs.order }] },
    { stage: 'write', steps: [{ name: 'train', share: costs.write }] },
  ];
}

/** The steps of a round of the filters, from 1. */
export function planRound(options: CheckedOptions, round: number): Stage[] {
  return filterRound(options, round).map(({ name }) => ({
    stage: 'filter',
    steps: [
      { name, share: costs.remove },
      { name, share: costs.count },
    ],
  }));
}
