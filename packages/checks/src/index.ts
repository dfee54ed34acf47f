export {
  type Complete,
  checkHas,
  checkOptions,
  describeFlaw,
  type OptionCheck,
  type OptionChecks,
  withDefaults,
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
export { flawText, type OptionError, type OptionFlaw, optionError, UsageError } from './option-error.ts';
export { didYouMean, shorten, show, showNames } from './show.ts';
