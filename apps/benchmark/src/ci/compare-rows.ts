import type { RoundOfRow } from './rounds.ts';
import { judge, ratioOf, type Verdict } from './rule.ts';

/** What all rounds found for a row. */
export interface RowFindings {
  readonly row: string;
  /** Time of the present code per time of the code before, per round. */
  readonly ratios: readonly number[];
  readonly verdict: Verdict;
  /** Why the code before cannot run it. */
  readonly problem?: string;
}

/** Measures one round of rows against the code before. */
export type MeasureRound = (rows: readonly string[]) => Promise<ReadonlyMap<string, RoundOfRow>>;

/**
 * Measures round by round, in each only those rows that are not judged yet.
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
