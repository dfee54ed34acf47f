export {
  checkHas,
  checkOptions,
  describeFlaw,
  type OptionCheck,
  type OptionChecks,
} from './check-options.ts';
export {
  anything,
  callback,
  countOrAll,
  finite,
  finiteAbove0,
  flag,
  integer,
  oneOf,
  positive,
  required,
  share,
  text,
} from './checks.ts';
export { didYouMean } from './did-you-mean.ts';
export { flawText, type OptionError, type OptionFlaw, optionError } from './option-error.ts';
export { shorten, show, showNames } from './show.ts';
export { UsageError } from './usage-error.ts';
