import type { RoundOfRow } from './rounds.ts';
import { judge, ratioOf, type Verdict } from './rule.ts';

/** The result of all rounds for a row. */
export interface RowFindings {
  readonly row: string;
  /** The time of the current code divided by that of the earlier code, per round. */
  readonly ratios: readonly number[];
  readonly verdict: Verdict;
  /** Why the earlier code cannot run the row. */
  readonly problem?: string;
}

/** Measures one round of rows against the earlier code. */
export type MeasureRound = (rows: readonly string[]) => Promise<ReadonlyMap<string, RoundOfRow>>;

/**
 * Measures round by round. Each round measures only the rows without a verdict.
 * @throws Error if a round did not measure a row.
 */
export async function compareRows(
  rows: readonly string[],
  measure: MeasureRound,
): Promise<readonly RowFindings[]> {
  const found = new Map<string, RowFindings>(
    rows.map((row) => [row, { row, ratios: [], verdict: 'undecided' }]),
  );
  for (;;) {
    const open = [...found.values()].filter(({ verdict, problem }) => verdict === 'undecided' && !problem);
    if (open.length === 0) return [...found.values()];
    const round = await measure(open.map(({ row }) => row));
    for (const { row, ratios } of open) found.set(row, continued(row, ratios, round.get(row)));
  }
}

function continued(row: string, earlier: readonly number[], round: RoundOfRow | undefined): RowFindings {
  if (round === undefined) throw new Error(`ci: ${row} was not measured`);
  if ('problem' in round) return { row, ratios: earlier, verdict: 'undecided', problem: round.problem };
  const ratios = [...earlier, ratioOf(round.pairs)];
  return { row, ratios, verdict: judge(ratios) };
}
