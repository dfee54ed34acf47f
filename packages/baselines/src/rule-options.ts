/** Names of `RuleOptions`. */
export const RULE_OPTIONS = ['pruning', 'repeats'] as const;

/** Which rules count and which are kept. */
export interface RuleOptions {
  /** Rules kept per item, those of the greatest weight: 20 if not given; Infinity keeps all. */
  readonly pruning?: number;
  /** Whether an item that comes twice in a session makes a rule to itself: true if not given. */
  readonly repeats?: boolean;
}

/**
 * Fills in what is not given and checks the rest.
 *
 * @param caller - the baseline, as messages name it.
 * @throws RangeError if an option is outside its range.
 */
export function ruleOptions(
  caller: string,
  { pruning = 20, repeats = true }: RuleOptions,
): Required<RuleOptions> {
  checkCount(caller, 'pruning', pruning);
  if (repeats === true || repeats === false) return { pruning, repeats };
  throw new RangeError(`${caller}: "repeats" expected true or false, got ${repeats}.`);
}

/** @throws RangeError if `value` is neither an integer from 1 nor Infinity. */
export function checkCount(caller: string, name: string, value: number): void {
  if ((Number.isInteger(value) || value === Number.POSITIVE_INFINITY) && value >= 1) return;
  throw new RangeError(`${caller}: "${name}" expected integer >= 1 or Infinity, got ${value}.`);
}
