import { countOrAll, flag, type OptionChecks } from '@gru4rec/checked-options';

/** Options that all baselines of rules share. */
export interface RuleOptions {
  /** Rules to keep per item, those with the greatest weights: 20 if not given; Infinity for all. */
  readonly pruning?: number;
  /** Whether an item that occurs twice in a session makes a rule to itself: true if not given. */
  readonly repeats?: boolean;
}

/** The checks of `RuleOptions`. */
export const ruleChecks: OptionChecks<RuleOptions> = { pruning: countOrAll, repeats: flag };

/** Fills in defaults. */
export function ruleOptions({ pruning = 20, repeats = true }: RuleOptions): Required<RuleOptions> {
  return { pruning, repeats };
}
