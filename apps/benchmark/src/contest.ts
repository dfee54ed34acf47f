import { describeChoice, type EngineChoice } from './engine-choice.ts';
import { peakMiB } from './environment.ts';
import { ratesOf, type Summary, summarize, type Work } from './measure.ts';

export interface Turn {
  readonly value: number;
  /** Loss, recall, counts: figures that show that the work was done. */
  readonly correctness: Readonly<Record<string, number>>;
  readonly process?: { readonly seconds: number; readonly peakMiB: number };
}

export interface Contestant {
  readonly name: string;
  readonly take: () => Promise<Turn>;
}

/** A program that takes part, or why it cannot. */
export type Entrant = Contestant | { readonly name: string; readonly problem: string };

export function timed(
  name: string,
  work: Work,
  timing: { readonly perWindow: number; readonly seconds: number; readonly of?: (rate: number) => number },
  correctness: Turn['correctness'] = {},
): Contestant {
  const { perWindow, seconds, of = (rate) => rate } = timing;
  const value = () => of(summarize(ratesOf(work, perWindow, seconds)).median);
  return { name, take: async () => ({ value: value(), correctness }) };
}

export interface Contest {
  readonly suite: string;
  readonly name: string;
  readonly unit: string;
  readonly better: 'more' | 'less';
  /** The goal: the least ratio to the best peer. */
  readonly leastRatio?: number | undefined;
  /** The goal: the least figure, or the largest if less is better. */
  readonly bound?: number | undefined;
  /** What our figures were measured with. Default: the engine of the options. */
  readonly engine?: string;
}

/** With the correctness of the last turn, median time and peak memory. */
export interface Contested extends Omit<Turn, 'value'> {
  readonly name: string;
  readonly figure: Summary;
}

export interface ComparisonRow extends Contest {
  readonly engine: string;
  readonly ours: Contested;
  readonly peers: readonly Contested[];
  readonly missing: readonly Extract<Entrant, { problem: string }>[];
  /** The peer, or its variant, with the best median. */
  readonly best?: string | undefined;
  /** How many times better ours is than the best peer. */
  readonly ratio?: Summary | undefined;
  /** Peak memory of this process so far. */
  readonly peakMiB: number;
}

export interface ContestOptions {
  readonly rounds: number;
  readonly engine: EngineChoice;
  readonly only: RegExp;
  /** Length of one measurement. */
  readonly seconds: number;
  /** Number of events in the logs, instead of the default of each row. */
  readonly events?: number | undefined;
  readonly onTurn?: (line: string) => void;
}

/** Undefined without a goal or a peer. */
export function reachesGoal(
  row: Pick<ComparisonRow, 'leastRatio' | 'bound' | 'ours' | 'ratio' | 'better'>,
): boolean | undefined {
  const { leastRatio, bound, ours, ratio, better } = row;
  if (leastRatio !== undefined) return ratio && ratio.median >= leastRatio;
  if (bound === undefined) return undefined;
  return better === 'more' ? ours.figure.median >= bound : ours.figure.median <= bound;
}

/** A B C A B C, ours first: variations of the machine affect all. A peer that fails is excluded; our own errors are thrown. */
export async function measureContest(
  row: Contest,
  entrants: readonly Entrant[],
  { rounds, engine: choice, onTurn }: Pick<ContestOptions, 'rounds' | 'engine' | 'onTurn'>,
): Promise<ComparisonRow> {
  const missing = entrants.filter((entrant) => 'problem' in entrant);
  let active = entrants
    .filter((entrant) => 'take' in entrant)
    .map((contestant) => ({ ...contestant, turns: [] as Turn[] }));
  const [first] = active;
  for (let round = 0; round < rounds; round++) {
    for (const contestant of active) {
      const { name, take, turns } = contestant;
      try {
        const turn = await take();
        turns.push(turn);
        onTurn?.(`${row.suite} ${row.name}: ${name}: ${turn.value.toPrecision(4)} ${row.unit}`);
      } catch (error) {
        if (contestant === first) throw error;
        missing.push({ name, problem: (error as Error).message });
        active = active.filter((one) => one !== contestant);
      }
    }
  }
  const values = active.map(({ turns }) => turns.map(({ value }) => value));
  const { best = 0, ratio } = ratioToBest(values, row.better) ?? {};
  const [ours, ...peers] = active.map(contestedOf);
  if (!ours) throw new RangeError('measureContest: "entrants" expected at least ours, got none');
  const found = { best: peers[best - 1]?.name, ratio, missing, peakMiB: peakMiB('self') };
  return { engine: describeChoice(choice), ...row, ours, peers, ...found };
}

/** To the other with the best median, round by round; undefined without others. */
export function ratioToBest(
  values: readonly (readonly number[])[],
  better: Contest['better'],
): { readonly best: number; readonly ratio: Summary } | undefined {
  const [ours = [], ...others] = values;
  if (others.length === 0) return undefined;
  const medians = others.map((list) => summarize(list).median);
  const best = medians.indexOf(better === 'more' ? Math.max(...medians) : Math.min(...medians));
  const ratios = ours.map((value, round) => {
    const other = others[best]?.[round] ?? Number.NaN;
    return better === 'more' ? value / other : other / value;
  });
  return { best: best + 1, ratio: summarize(ratios) };
}

function contestedOf({ name, turns }: { readonly name: string; readonly turns: readonly Turn[] }): Contested {
  const figure = summarize(turns.map(({ value }) => value));
  const correctness = turns.at(-1)?.correctness ?? {};
  const processes = turns.flatMap(({ process = [] }) => process);
  if (processes.length === 0) return { name, figure, correctness };
  const seconds = summarize(processes.map((process) => process.seconds)).median;
  const most = Math.max(...processes.map((process) => process.peakMiB));
  return { name, figure, correctness, process: { seconds, peakMiB: most } };
}

export async function measureEach<Row extends { readonly name: string }, Result>(
  rows: readonly Row[],
  only: RegExp,
  measure: (row: Row) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const row of rows) if (only.test(row.name)) results.push(await measure(row));
  return results;
}
