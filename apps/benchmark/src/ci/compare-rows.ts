import { summarize } from '../measure.ts';
import type { Pair, RoundOfRow } from './rounds.ts';

/** The ratio above which a round is slow, the slow rounds that make a row slower, and the others that make it not slower. */
const [SLOW_ROUND, SLOW_ROUNDS, OTHER_ROUNDS] = [1.05, 6, 3];

export interface RowFindings {
  readonly row: string;
  /** The time of the current code divided by that of the earlier code, per round. */
  readonly ratios: readonly number[];
  readonly verdict: 'slower' | 'not slower' | 'undecided';
  /** Why the earlier code cannot run the row. */
  readonly problem?: string;
}

export type MeasureRound = (rows: readonly string[]) => Promise<ReadonlyMap<string, RoundOfRow>>;

/** @returns the time of the current code divided by that of the earlier code: the median over the pairs of a round. */
export function ratioOf(pairs: readonly Pair[]): number {
  return summarize(pairs.map(({ now, before }) => now / before)).median;
}

export function judge(ratios: readonly number[]): RowFindings['verdict'] {
  const slow = ratios.filter((ratio) => ratio > SLOW_ROUND).length;
  if (ratios.length - slow >= OTHER_ROUNDS) return 'not slower';
  return slow >= SLOW_ROUNDS ? 'slower' : 'undecided';
}

/** Measures round by round. Each round measures only the rows without a verdict. */
export async function compareRows(
  rows: readonly string[],
  measure: MeasureRound,
): Promise<readonly RowFindings[]> {
  const found = new Map(rows.map((row): [string, RowFindings] => [row, findingsOf(row, [])]));
  for (;;) {
    const open = [...found.values()].filter(({ verdict, problem }) => verdict === 'undecided' && !problem);
    if (open.length === 0) return [...found.values()];
    const round = await measure(open.map(({ row }) => row));
    for (const { row, ratios } of open) {
      const measured = round.get(row) ?? { problem: 'it was not measured' };
      const isNew = 'problem' in measured;
      const findings = findingsOf(row, isNew ? ratios : [...ratios, ratioOf(measured.pairs)]);
      found.set(row, isNew ? { ...findings, problem: measured.problem } : findings);
    }
  }
}

function findingsOf(row: string, ratios: readonly number[]): RowFindings {
  return { row, ratios, verdict: judge(ratios) };
}
