import { describeChoice, type EngineChoice } from './engine-choice.ts';
import { peakMiB } from './environment.ts';
import { ratesOf, type Summary, summarize, type Work } from './measure.ts';

/** The result of one turn of a contestant. */
export interface Turn {
  /** In the unit of the contest. */
  readonly value: number;
  /** Loss, recall, counts: figures that show that the work was done. */
  readonly correctness: Readonly<Record<string, number>>;
  /** Time and memory of the process, if this contestant had its own. */
  readonly process?: { readonly seconds: number; readonly peakMiB: number };
}

/** A program that takes turns with others. */
export interface Contestant<T extends Turn = Turn> {
  readonly name: string;
  readonly take: () => Promise<T>;
}

/** A peer that cannot run, and why. */
export interface MissingPeer {
  readonly name: string;
  readonly problem: string;
}

/** A program that takes part, or cannot. */
export type Entrant<T extends Turn = Turn> = Contestant<T> | MissingPeer;

/** A contestant that repeats work; its figure is the median rate of the windows of a turn, as `of` converts it. */
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

/** A figure that an issue or a specification requires. */
export interface Goal {
  /** The lowest ratio, or the largest figure, that reaches the goal. */
  readonly bound: number;
  /** The goal as text: "≥ 5.4×". */
  readonly text: string;
}

/** A goal for the ratio to the best peer. */
export function atLeastTimes(bound: number): Goal {
  return { bound, text: `≥ ${bound}×` };
}

/** The subject of a comparison. */
export interface Contest {
  readonly suite: string;
  readonly name: string;
  readonly unit: string;
  /** Whether more is better, as for events per second, or less, as for seconds. */
  readonly better: 'more' | 'less';
  readonly goal?: Goal;
  /** The quantity that `goal` bounds: the ratio to the best peer (default), or the figure itself. */
  readonly goalOf?: 'ratio' | 'figure';
}

/** The summary of a contestant's turns. */
export interface Contested {
  readonly name: string;
  readonly figure: Summary;
  readonly correctness: Readonly<Record<string, number>>;
  /** Median time and peak memory, if the contestant had its own process. */
  readonly process?: Turn['process'];
}

/** A row of figures: ours and those of the peers. */
export interface ComparisonRow extends Contest {
  /** Threads and build of our engine. */
  readonly engine: string;
  readonly ours: Contested;
  readonly peers: readonly Contested[];
  readonly missing: readonly MissingPeer[];
  /** The peer, or its variant, with the best median. */
  readonly best?: string;
  /** How many times better ours is than the best peer, round by round. Below 1, it is worse. */
  readonly ratio?: Summary;
  /** Peak memory of this process so far. */
  readonly peakMiB: number;
}

/** A contestant that took every turn, with its turns. */
interface Participation<T extends Turn = Turn> {
  readonly name: string;
  readonly turns: readonly T[];
}

/**
 * Lets contestants take turns, A B C A B C, so that variations of the machine affect all of them. A peer that fails is
 * excluded from then on, and the others continue.
 *
 * @param contestants - ours first.
 * @returns the contestants that took every turn, ours first, and the peers that failed, with the reason.
 * @throws errors of our own turns.
 */
export async function takeTurns<T extends Turn>(
  contestants: readonly Contestant<T>[],
  rounds: number,
  onTurn: (name: string, turn: T) => void = () => undefined,
): Promise<{ readonly all: readonly Participation<T>[]; readonly failed: readonly MissingPeer[] }> {
  let active = contestants.map(({ name, take }) => ({ name, take, turns: [] as T[] }));
  const failed: MissingPeer[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const contestant of active) {
      try {
        const turn = await contestant.take();
        contestant.turns.push(turn);
        onTurn(contestant.name, turn);
      } catch (error) {
        if (contestant.name === contestants[0]?.name) throw error;
        failed.push({ name: contestant.name, problem: (error as Error).message });
      }
    }
    active = active.filter(({ name }) => !failed.some((peer) => peer.name === name));
  }
  return { all: active, failed };
}

/**
 * How many times better the first contestant is than the best of the others.
 *
 * The best is the one with the best median over all rounds. The ratio to it is taken round by round.
 *
 * @param values - one list per contestant, one value per round.
 * @returns the index of the best of the others, and the ratios; undefined without others.
 */
export function ratioToBest(
  values: readonly (readonly number[])[],
  better: Contest['better'],
): { readonly best: number; readonly ratio: Summary } | undefined {
  const [ours = [], ...others] = values;
  if (others.length === 0) return undefined;
  const medians = others.map((list) => summarize(list).median);
  const best = medians.indexOf(better === 'more' ? Math.max(...medians) : Math.min(...medians));
  const rival = others[best] ?? [];
  const ratios = ours.map((value, round) => {
    const other = rival[round] ?? Number.NaN;
    return better === 'more' ? value / other : other / value;
  });
  return { best: best + 1, ratio: summarize(ratios) };
}

/** Whether a row reaches its goal; undefined without a goal or without a peer to compare with. */
export function reachesGoal(
  row: Pick<ComparisonRow, 'goal' | 'goalOf' | 'ours' | 'ratio' | 'better'>,
): boolean | undefined {
  const { goal, goalOf = 'ratio', ours, ratio, better } = row;
  if (!goal) return undefined;
  if (goalOf === 'ratio') return ratio && ratio.median >= goal.bound;
  return better === 'more' ? ours.figure.median >= goal.bound : ours.figure.median <= goal.bound;
}

/** The figures of ours, the peers, and the ratio to the best of them. */
function contested(
  { better }: Contest,
  participations: readonly Participation[],
): Pick<ComparisonRow, 'ours' | 'peers' | 'best' | 'ratio'> {
  const [ours, ...peers] = participations.map(figureOf);
  if (!ours) throw new RangeError('contested: "participations" expected at least ours, got none');
  const values = participations.map(({ turns }) => turns.map(({ value }) => value));
  const found = ratioToBest(values, better);
  const best = found && participations[found.best]?.name;
  return { ours, peers, ...(found && best && { best, ratio: found.ratio }) };
}

function figureOf({ name, turns }: Participation): Contested {
  const figure = summarize(turns.map(({ value }) => value));
  const processes = turns.flatMap(({ process = [] }) => process);
  return {
    name,
    figure,
    correctness: turns.at(-1)?.correctness ?? {},
    ...(processes.length > 0 && {
      process: {
        seconds: summarize(processes.map(({ seconds }) => seconds)).median,
        peakMiB: Math.max(...processes.map(({ peakMiB }) => peakMiB)),
      },
    }),
  };
}

/** Options of suites that compare with peers. */
export interface ContestOptions {
  readonly rounds: number;
  readonly engine: EngineChoice;
  /** Only rows with a matching name are measured. */
  readonly only: RegExp;
  /** Folder of the peers' virtual environments. */
  readonly peerDirectory: string;
  /** Number of events in the logs, instead of the default of each row. */
  readonly events?: number;
  /** Called with a line after every turn. */
  readonly onTurn?: (line: string) => void;
}

/** Options of suites that compare nothing with peers of other projects. */
export interface PartOptions extends Pick<ContestOptions, 'rounds' | 'engine' | 'only' | 'onTurn'> {
  /** Length of one measurement. */
  readonly seconds: number;
}

/** A row of a contest, and which figure of a turn it shows. */
export interface ContestRow<T extends Turn = Turn> extends Contest {
  /** What our figures were measured with. Default: the engine of the options. */
  readonly engine?: string;
  /** NaN for a contestant that does not report the figure. Default: the value of the turn. */
  readonly of?: (turn: T) => number;
}

/**
 * Measures one row: ours and the peers take turns.
 *
 * @param entrants - ours first.
 */
export async function measureContest(
  row: ContestRow,
  entrants: readonly Entrant[],
  options: Pick<ContestOptions, 'rounds' | 'engine' | 'onTurn'>,
): Promise<ComparisonRow> {
  const [measured] = await measureRows([row], entrants, options);
  return measured as ComparisonRow;
}

/** Measures rows that show several figures of the same turns. @param entrants - ours first. */
export async function measureRows<T extends Turn>(
  rows: readonly ContestRow<T>[],
  entrants: readonly Entrant<T>[],
  { rounds, engine: choice, onTurn }: Pick<ContestOptions, 'rounds' | 'engine' | 'onTurn'>,
): Promise<ComparisonRow[]> {
  const contestants = entrants.filter((entrant) => 'take' in entrant);
  const ofRow = ({ of = ({ value }) => value }: ContestRow<T>) => of;
  const { all, failed } = await takeTurns(contestants, rounds, (name, turn) => {
    const [row] = rows;
    if (row) onTurn?.(`${row.suite} ${row.name}: ${name}: ${ofRow(row)(turn).toPrecision(4)} ${row.unit}`);
  });
  const missing = [...entrants.filter((entrant) => 'problem' in entrant), ...failed];
  return rows.map((row) => {
    const { engine = describeChoice(choice), of: _, ...contest } = row;
    const figures = all.map(({ name, turns }) => ({
      name,
      turns: turns.map((turn) => ({ ...turn, value: ofRow(row)(turn) })),
    }));
    const reported = figures.filter(({ turns }) => turns.every(({ value }) => !Number.isNaN(value)));
    return { ...contest, ...contested(contest, reported), engine, missing, peakMiB: peakMiB() };
  });
}

/** Measures the rows whose names were asked for, one after the other. */
export async function measureEach<Row extends { readonly name: string }, Result>(
  rows: readonly Row[],
  only: RegExp,
  measure: (row: Row) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const row of rows) if (only.test(row.name)) results.push(await measure(row));
  return results;
}
