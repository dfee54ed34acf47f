import { summarize } from '../measure.ts';
import type { Pair } from './rounds.ts';

/** A round is slow if its ratio is above this. */
const SLOW_ROUND = 1.05;
/** A row with this many slow rounds is slower. */
const SLOW_ROUNDS = 6;
/** A row with this many other rounds is not slower. */
const OTHER_ROUNDS = 3;

/** The verdict on a row after some rounds. */
export type Verdict = 'slower' | 'not slower' | 'undecided';

/** @returns the time of the current code divided by that of the earlier code: the median over the pairs of a round. */
export function ratioOf(pairs: readonly Pair[]): number {
  return summarize(pairs.map(({ now, before }) => now / before)).median;
}

/** Judges a row by the ratios of its rounds, in their order. */
export function judge(ratios: readonly number[]): Verdict {
  const slow = ratios.filter((ratio) => ratio > SLOW_ROUND).length;
  if (ratios.length - slow >= OTHER_ROUNDS) return 'not slower';
  return slow >= SLOW_ROUNDS ? 'slower' : 'undecided';
}
