import { summarize } from '../measure.ts';
import type { Pair } from './rounds.ts';

/** A round is slow if the row takes this much longer in it than with the code before. */
const SLOW_ROUND = 1.05;
/** A row with this many slow rounds is slower. */
const SLOW_ROUNDS = 6;
/** A row with this many other rounds is not. */
const OTHER_ROUNDS = 3;

/** What the rounds of a row say so far. */
export type Verdict = 'slower' | 'not slower' | 'undecided';

/** @returns time of the present code per time of the code before: the median over the pairs of a round. */
export function ratioOf(pairs: readonly Pair[]): number {
  return summarize(pairs.map(({ now, before }) => now / before)).median;
}

/** Judges a row by the ratios of its rounds, in their order. */
export function judge(ratios: readonly number[]): Verdict {
  const slow = ratios.filter((ratio) => ratio > SLOW_ROUND).length;
  if (ratios.length - slow >= OTHER_ROUNDS) return 'not slower';
  return slow >= SLOW_ROUNDS ? 'slower' : 'undecided';
}
