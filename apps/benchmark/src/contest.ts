import { describeChoice, type EngineChoice } from './engine-choice.ts';
import { peakMiB } from './environment.ts';
import { type Summary, summarize } from './measure.ts';

export interface Turn {
  readonly value: number;
  /** Loss, recall, counts: figures that show that the work was done. */
  readonly correctness: Readonly<Record<string, number>>;
  /** Peak memory of the contestant, if it has its own process. */
  readonly peakMiB?: number;
}

export interface Contestant {
  readonly name: string;
  readonly take: () => Promise<Turn>;
}

/** Takes part, or says why it cannot. */
export type Entrant = Contestant | { readonly name: string; readonly problem: string };

export interface Contest {
  readonly suite: string;
  readonly name: string;
  readonly unit: string;
  readonly better: 'more' | 'less';
  /** What our figures were measured with. Default: the engine of the options. */
  readonly engine?: string;
}

/** With the correctness and the peak memory of the last turn. */
export interface Contested {
  readonly name: string;
  readonly figure: Summary;
  readonly correctness: Turn['correctness'];
  readonly peakMiB?: number | undefined;
  /** How many times better ours is, round by round; undefined for ours. */
  readonly ratio?: Summary | undefined;
}

export interface ComparisonRow extends Contest {
  readonly engine: string;
  readonly contestants: readonly Contested[];
  readonly missing: readonly Extract<Entrant, { problem: string }>[];
}

export interface ContestOptions {
  readonly rounds: number;
  readonly engine: EngineChoice;
  readonly only: RegExp;
  readonly seconds: number;
  /** In the logs, instead of the default of each row. */
  readonly events?: number | undefined;
  readonly onTurn?: (line: string) => void;
}

/** A B C A B C, ours first: variations of the machine affect all. A peer that fails is excluded; our own errors are thrown. */
export async function measureContest(
  contest: Contest,
  entrants: readonly Entrant[],
  { rounds, engine, onTurn }: Pick<ContestOptions, 'rounds' | 'engine' | 'onTurn'>,
): Promise<ComparisonRow> {
  const missing = entrants.filter((entrant) => 'problem' in entrant);
  let active = entrants
    .filter((entrant) => 'take' in entrant)
    .map((contestant) => ({ ...contestant, turns: [] as Turn[] }));
  const [ours] = active;
  for (let round = 0; round < rounds; round++) {
    for (const contestant of active) {
      const { name, take, turns } = contestant;
      try {
        const turn = await take();
        turns.push(turn);
        onTurn?.(`${contest.suite} ${contest.name}: ${name}: ${turn.value.toPrecision(4)} ${contest.unit}`);
      } catch (error) {
        if (contestant === ours) throw error;
        missing.push({ name, problem: (error as Error).message });
        active = active.filter((other) => other !== contestant);
      }
    }
  }
  const sign = contest.better === 'more' ? 1 : -1;
  const contestants = active.map((contestant): Contested => {
    const { name, turns } = contestant;
    const { correctness = {}, peakMiB: peak } = turns.at(-1) ?? {};
    const measured = { name, figure: summarize(turns.map(({ value }) => value)), correctness };
    if (contestant === ours) return { ...measured, peakMiB: peak ?? peakMiB('self') };
    const ratios = turns.map(({ value }, round) => (Number(ours?.turns[round]?.value) / value) ** sign);
    return { ...measured, peakMiB: peak, ratio: summarize(ratios) };
  });
  return { engine: describeChoice(engine), ...contest, contestants, missing };
}

export async function measureEach<Row extends { readonly name: string }>(
  rows: readonly Row[],
  only: RegExp,
  measure: (row: Row) => Promise<ComparisonRow>,
): Promise<ComparisonRow[]> {
  const results: ComparisonRow[] = [];
  for (const row of rows) if (only.test(row.name)) results.push(await measure(row));
  return results;
}
