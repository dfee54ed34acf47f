import {
  type ComparisonRow,
  type Contest,
  type Contestant,
  contested,
  type Entrant,
  type Turn,
  takeTurns,
} from '../comparison.ts';
import { describeChoice, type EngineChoice } from '../engine-choice.ts';
import { peakMiB } from '../environment.ts';
import type { PeerEvent } from '../peers/events.ts';
import { type PeerName, peerProblem, versionOf } from '../peers/peers.ts';
import { peerProgram, runPeer } from '../peers/run-peer.ts';

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

/** The contestants of a peer, or why it does not take part. */
export function peerContestants(
  directory: string,
  peer: PeerName,
  make: (name: string) => readonly Contestant[],
): readonly Entrant[] {
  const problem = peerProblem(directory, peer);
  const name = versionOf(peer);
  return problem === undefined ? make(name) : [{ name, problem }];
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
    return { ...contested(contest, reported), engine, missing, peakMiB: peakMiB() };
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

/** Numbers of threads with which a peer is measured. The best one counts. */
const peerThreads: readonly number[] = [1, 2];

/**
 * A GRU4Rec of others as contestants: one per number of threads.
 *
 * @param task - for the runner of the peer, without threads.
 * @param turnOf - the figures of the runner's answer.
 */
export function peerOnThreads(
  directory: string,
  peer: PeerName,
  task: Readonly<Record<string, unknown>>,
  turnOf: (lines: readonly PeerEvent[]) => Turn,
  threadCounts: readonly number[] = peerThreads,
): readonly Entrant[] {
  const program = peerProgram(directory, peer, `${peer}_gru4rec`);
  return peerContestants(directory, peer, (name) =>
    threadCounts.map((threads) => ({
      name: withThreads(name, threads),
      take: async () => turnOf(await runPeer(program, { ...task, threads })),
    })),
  );
}

/** "cornac 3.0.1, 2 threads". */
export function withThreads(name: string, threads: number): string {
  return `${name}, ${threads} thread${threads === 1 ? '' : 's'}`;
}
