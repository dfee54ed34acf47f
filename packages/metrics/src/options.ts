import { type BootstrapOptions, checkBootstrap } from './bootstrap.ts';
import { TIE_RULES, type TieRule, unknownTieRule } from './rank.ts';
import type { Scorer } from './scorer.ts';

/** Sessions to predict, in the item indices of the scorer. */
export interface TestSessions {
  /** [sessions + 1], CSR: session s holds events `sessionOffsets[s]` to `sessionOffsets[s + 1] − 1`. */
  readonly sessionOffsets: Int32Array;
  /** [events], item index of each event, in time order within a session. */
  readonly items: Int32Array;
}

/** How to evaluate. */
export interface EvaluateOptions {
  /** Lengths k of the lists, each an integer ≥ 1. */
  readonly cutoffs: readonly number[];
  /** `standard` if not given. */
  readonly tieRule?: TieRule;
  /**
   * Sessions scored side by side: 128 if not given, or as many as there are. Where scores are handed over, slots × items
   * of them are held.
   */
  readonly slots?: number;
  /** [I] training events per item, for the mean popularity; without it that is NaN. */
  readonly support?: ArrayLike<number>;
  /** Intervals of recall and MRR, by session; none if not given. */
  readonly bootstrap?: BootstrapOptions;
  /**
   * Leaves the items that the session has already clicked, the latest among them, out of ranks and lists. A target
   * that the session has clicked before is in no list then: it counts as missed. False if not given.
   */
  readonly excludeSeen?: boolean;
  /** Called after each step. */
  readonly onProgress?: (progress: EvaluationProgress) => void;
}

/** How far an evaluation has come. */
export interface EvaluationProgress {
  readonly predictions: number;
  readonly total: number;
}

/**
 * Checks what `evaluate` is given, once, at the public boundary.
 *
 * @throws TypeError if an array has the wrong type.
 * @throws RangeError if a value is outside its range.
 */
export function checkEvaluate(scorer: Scorer, sessions: TestSessions, options: EvaluateOptions): void {
  checkItems(sessions.items, scorer);
  const { cutoffs, tieRule = 'standard', slots = 1, support, bootstrap } = options;
  if (!Array.isArray(cutoffs) || cutoffs.length === 0) {
    throw new RangeError(`evaluate: "cutoffs" expected array of one or more integers, got ${cutoffs}.`);
  }
  for (const cutoff of cutoffs) checkPositiveInteger('cutoffs', cutoff);
  if (!TIE_RULES.includes(tieRule)) throw unknownTieRule('evaluate', tieRule);
  checkPositiveInteger('slots', slots);
  if (support !== undefined && support.length !== scorer.itemCount) {
    throw new RangeError(
      `evaluate: "support" expected ${scorer.itemCount} entries, one per item of ${scorer.name}, ` +
        `got ${support.length}.`,
    );
  }
  if (bootstrap !== undefined) checkBootstrap(bootstrap);
}

function checkItems(items: Int32Array, { name, itemCount }: Scorer): void {
  if (!(items instanceof Int32Array)) {
    throw new TypeError(`evaluate: "sessions.items" expected Int32Array, got ${typeof items}.`);
  }
  for (let event = 0; event < items.length; event++) {
    if (items[event] >= 0 && items[event] < itemCount) continue;
    throw new RangeError(
      `evaluate: "sessions.items" expected integer in [0, ${itemCount}) at index ${event}, got ${items[event]}. ` +
        `Leave out events of items that ${name} does not know.`,
    );
  }
}

function checkPositiveInteger(name: string, value: unknown): void {
  if (Number.isInteger(value) && (value as number) >= 1) return;
  throw new RangeError(`evaluate: "${name}" expected integer >= 1, got ${value}.`);
}
