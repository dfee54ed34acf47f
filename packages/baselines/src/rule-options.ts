/** Names of `RuleOptions`. */
export const RULE_OPTIONS = ['pruning', 'repeats'] as const;

/** Options that all baselines of rules share. */
export interface RuleOptions {
  /** Rules to keep per item, those with the greatest weights: 20 if not given; Infinity for all. */
  readonly pruning?: number;
  /** Whether an item that occurs twice in a session makes a rule to itself: true if not given. */
  readonly repeats?: boolean;
}

/**
 * Fills in defaults and checks the options.
 *
 * @param caller - name of the baseline, for messages.
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

/** @throws RangeError if `value` is neither an integer ≥ 1 nor Infinity. */
export function checkCount(caller: string, name: string, value: number): void {
  if ((Number.isInteger(value) || value === Number.POSITIVE_INFINITY) && value >= 1) return;
  throw new RangeError(`${caller}: "${name}" expected integer >= 1 or Infinity, got ${value}.`);
}
